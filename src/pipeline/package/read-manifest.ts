import yauzl from 'yauzl';
import { messageOf, TaskError, type Warning, type WarningCode } from '../../base/errors.ts';
import type { ResultFormatName } from '../../base/result-kinds.ts';
import { readEntry } from './verify.ts';

/** The part of `manifest.json` that is needed to adopt a result. */
export interface Manifest {
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
    readonly outputs: readonly ManifestOutput[];
  }[];
  /** Files about the whole task. */
  readonly outputs: readonly ManifestOutput[];
  readonly warnings: readonly Warning[];
}

/**
 * As `makeManifest` writes it, or as earlier versions did: in format 1, messages begin with the place; an output without a
 * format is a TextGrid.
 */
type StoredManifest = Omit<Manifest, 'warnings' | 'files' | 'outputs'> & {
  readonly files: readonly (Omit<Manifest['files'][number], 'outputs'> & {
    readonly outputs: readonly StoredOutput[];
  })[];
  readonly outputs?: readonly ManifestOutput[];
} & (
    | { readonly format: 2; readonly warnings: readonly Warning[] }
    | {
        readonly format: 1;
        readonly warnings: readonly { readonly code: WarningCode; readonly message: string }[];
      }
  );

interface ManifestInput {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

interface ManifestOutput {
  readonly name: string;
  readonly format: ResultFormatName;
}

type StoredOutput = Pick<ManifestOutput, 'name'> & Partial<ManifestOutput>;

/**
 * Reads the manifest of a finished zip, and the names of all its entries.
 * @throws TaskError E_OUTPUT_INVALID when the zip is not whole, or has no manifest of a known format
 */
export async function readManifest(
  zipPath: string,
): Promise<{ readonly manifest: Manifest; readonly entryNames: readonly string[] }> {
  let stored: StoredManifest | null = null;
  const entryNames: string[] = [];
  try {
    const zip = await yauzl.openPromise(zipPath, { lazyEntries: true, validateEntrySizes: true });
    try {
      for await (const entry of zip.eachEntry()) {
        entryNames.push(entry.fileName);
        if (entry.fileName === 'manifest.json')
          stored = JSON.parse((await readEntry(zip, entry)).toString('utf8')) as StoredManifest;
      }
    } finally {
      zip.close();
    }
  } catch (error) {
    const why = messageOf(error);
    throw new TaskError('E_OUTPUT_INVALID', `the zip cannot be read: ${why}`, { cause: error });
  }
  return { manifest: toManifest(stored), entryNames };
}

function toManifest(stored: StoredManifest | null): Manifest {
  if (stored?.format !== 1 && stored?.format !== 2)
    throw new TaskError('E_OUTPUT_INVALID', 'expected a manifest.json of format 1 or 2 in the zip');
  return {
    ...stored,
    warnings:
      stored.format === 2
        ? stored.warnings
        : stored.warnings.map(({ code, message }) => ({ code, text: message })),
    files: stored.files.map((file) => ({ ...file, outputs: file.outputs.map(toOutput) })),
    outputs: stored.outputs ?? [],
  };
}

function toOutput({ name, format = 'textgrid' }: StoredOutput): ManifestOutput {
  return { name, format };
}
