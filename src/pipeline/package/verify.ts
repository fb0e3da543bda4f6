import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { messageOf, TaskError } from '../../base/errors.ts';
import type { ResultFormatName } from '../../base/result-kinds.ts';
import type { WrittenFile } from '../../formats/result.ts';
import { RESULT_WRITERS } from '../../formats/result-formats.ts';

export interface ExpectedEntry {
  readonly name: string;
  /** Format of a file with results, and durations of its recordings; null: any other file. */
  readonly result: (Pick<WrittenFile, 'durationsSec'> & { readonly format: ResultFormatName }) | null;
}

interface NamedOutput {
  readonly name: string;
  readonly format: ResultFormatName;
}

/**
 * What the files of a result are expected to hold.
 * @param outputs - those of the whole task
 */
export function expectedOutputs(
  outputs: readonly NamedOutput[],
  recordings: readonly { readonly durationSec: number; readonly outputs: readonly NamedOutput[] }[],
): ExpectedEntry[] {
  const toEntry = ({ name, format }: NamedOutput, durationsSec: readonly number[]): ExpectedEntry => ({
    name,
    result: { format, durationsSec },
  });
  const all = recordings.map(({ durationSec }) => durationSec);
  return [
    ...outputs.map((one) => toEntry(one, all)),
    ...recordings.flatMap(({ durationSec, outputs: own }) => own.map((one) => toEntry(one, [durationSec]))),
  ];
}

/**
 * Reads a finished zip back from the disk: exactly the expected entries are there, their checksums are right, and each file
 * with results can be read in its format.
 * @throws TaskError E_OUTPUT_INVALID; the reason of `signal`
 */
export async function verifyZip(
  zipPath: string,
  expected: readonly ExpectedEntry[],
  signal: AbortSignal,
): Promise<void> {
  const found = new Set<string>();
  const byName = new Map(expected.map((entry) => [entry.name, entry]));
  const zip = await yauzl.openPromise(zipPath, { lazyEntries: true, validateEntrySizes: true });
  try {
    for await (const entry of zip.eachEntry()) {
      const wanted = byName.get(entry.fileName);
      if (wanted === undefined || found.has(entry.fileName))
        throw invalid(`unexpected entry ${entry.fileName}`);
      found.add(entry.fileName);
      const pieces = unlessEnded(readPieces(zip, entry), signal);
      if (wanted.result === null) {
        for await (const _ of pieces);
        continue;
      }
      const { format, durationsSec } = wanted.result;
      await RESULT_WRITERS[format].check(pieces, { name: entry.fileName, durationsSec });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof TaskError && error.code === 'E_OUTPUT_INVALID'
      ? error
      : invalid(messageOf(error), error);
  } finally {
    zip.close();
  }
  const missing = expected.find(({ name }) => !found.has(name));
  if (missing !== undefined) throw invalid(`${missing.name} is missing`);
}

/**
 * The content of an entry, with its checksum compared.
 * @throws TaskError E_OUTPUT_INVALID
 */
export async function readEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readPieces(zip, entry)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The same in pieces. */
export async function* readPieces(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Uint8Array, void> {
  let sum = 0;
  for await (const piece of await zip.openReadStreamPromise(entry)) {
    sum = crc32(piece as Buffer, sum);
    yield piece as Buffer;
  }
  // yauzl leaves the checksum to its caller.
  if (sum !== entry.crc32) throw invalid(`the checksum of ${entry.fileName} does not fit its content`);
}

async function* unlessEnded<T>(pieces: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}

function invalid(message: string, cause?: unknown): TaskError {
  return new TaskError('E_OUTPUT_INVALID', `the result failed its check: ${message}`, { cause });
}
