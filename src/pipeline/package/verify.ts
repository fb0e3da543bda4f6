import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { messageOf, TaskError } from '../../base/errors.ts';
import { formatFinding } from '../../base/finding.ts';
import { inTurns } from '../../base/pieces.ts';
import { findOutputFaults } from '../../formats/textgrid/check.ts';
import { readTextGridInPieces } from '../../formats/textgrid/read.ts';

export interface ExpectedEntry {
  readonly name: string;
  /** Set for TextGrids: the audio's duration, which every tier must cover. */
  readonly durationSec: number | null;
}

/**
 * Reads a finished zip back from the disk: every expected entry is there, whole (checksums), and every TextGrid in
 * it can be parsed and is gapless over its audio.
 * @throws TaskError E_OUTPUT_INVALID
 */
export async function verifyZip(zipPath: string, expected: readonly ExpectedEntry[]): Promise<void> {
  const found = new Set<string>();
  const byName = new Map(expected.map((entry) => [entry.name, entry]));
  const zip = await yauzl.openPromise(zipPath, { lazyEntries: true, validateEntrySizes: true });
  try {
    for await (const entry of zip.eachEntry()) {
      const wanted = byName.get(entry.fileName);
      if (wanted === undefined || found.has(entry.fileName))
        throw invalid(`unexpected entry ${entry.fileName}`);
      found.add(entry.fileName);
      const content = await readEntry(zip, entry);
      if (wanted.durationSec === null) continue;
      const grid = await inTurns(readTextGridInPieces(content.toString('utf8'), entry.fileName));
      const [fault] = findOutputFaults(grid, wanted.durationSec, entry.fileName);
      if (fault !== undefined) throw invalid(formatFinding(fault));
    }
  } catch (error) {
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
 * Content of an entry, its checksum compared.
 * @throws TaskError E_OUTPUT_INVALID
 */
export async function readEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<Buffer> {
  const stream = await zip.openReadStreamPromise(entry);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const content = Buffer.concat(chunks);
  // yauzl leaves the checksum to its caller.
  if (crc32(content) !== entry.crc32)
    throw invalid(`the checksum of ${entry.fileName} does not fit its content`);
  return content;
}

function invalid(message: string, cause?: unknown): TaskError {
  return new TaskError('E_OUTPUT_INVALID', `the result failed its check: ${message}`, { cause });
}
