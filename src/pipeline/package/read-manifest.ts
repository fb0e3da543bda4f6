import yauzl from 'yauzl';
import { messageOf, TaskError, type Warning } from '../../base/errors.ts';
import { readEntry } from './verify.ts';

/** `manifest.json` as `makeManifest` writes it: what is needed to take over a result. */
export interface Manifest {
  readonly format: 2;
  readonly language: { readonly code: string };
  readonly totals: {
    readonly files: number;
    readonly words: number;
    readonly wordsUnknown: number;
    readonly audioSec: number;
  };
  readonly files: readonly {
    readonly audio: ManifestInput & { readonly durationSec: number };
    readonly transcript: ManifestInput;
    readonly tiers: readonly unknown[];
    readonly outputs: readonly { readonly name: string }[];
  }[];
  readonly warnings: readonly Warning[];
}

interface ManifestInput {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Reads the manifest of a finished zip, and the names of all its entries.
 * @throws TaskError E_OUTPUT_INVALID when the zip is not whole, or has no manifest of this format
 */
export async function readManifest(
  zipPath: string,
): Promise<{ readonly manifest: Manifest; readonly entryNames: readonly string[] }> {
  let manifest: Manifest | null = null;
  const entryNames: string[] = [];
  try {
    const zip = await yauzl.openPromise(zipPath, { lazyEntries: true, validateEntrySizes: true });
    try {
      for await (const entry of zip.eachEntry()) {
        entryNames.push(entry.fileName);
        if (entry.fileName === 'manifest.json')
          manifest = JSON.parse((await readEntry(zip, entry)).toString('utf8')) as Manifest;
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    const why = messageOf(error);
    throw new TaskError('E_OUTPUT_INVALID', `the zip cannot be read: ${why}`, { cause: error });
  }
  if (manifest?.format !== 2)
    throw new TaskError('E_OUTPUT_INVALID', 'the zip has no manifest.json of format 2');
  return { manifest, entryNames };
}
