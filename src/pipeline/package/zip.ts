import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import { formatBytes } from '../../base/bytes.ts';
import { TaskError } from '../../base/errors.ts';
import { GROUP_READABLE } from '../../base/file-mode.ts';
import { syncFolder } from '../../base/put-file.ts';

export interface ZipEntry {
  /** Path inside the zip, `/` between folders; made safe by the caller, see entry-names.ts. */
  readonly name: string;
  /** The content, or the path of a file that holds it. */
  readonly content: Buffer | { readonly path: string };
}

export interface WrittenZip {
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The earliest time of the zip format. Times and modes are fixed so that equal content gives equal bytes. */
const ENTRY_TIME = new Date(Date.UTC(1980, 0, 1));
const ENTRY_MODE = 0o100644;
const COMPRESSION_LEVEL = 6;

/**
 * Writes a zip that appears complete or not at all: under another name, flushed to the disk, then renamed.
 * @param options - `maxBytes`: a larger zip fails the task, and nothing of it stays
 * @throws TaskError E_LIMIT; system errors of the disk; the reason of `signal` when aborted
 */
export async function writeZip(
  entries: readonly ZipEntry[],
  zipPath: string,
  options: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<WrittenZip> {
  await mkdir(path.dirname(zipPath), { recursive: true });
  const partPath = `${zipPath}.part`;
  try {
    const written = await stream(entries, partPath, options);
    await rename(partPath, zipPath);
    await syncFolder(path.dirname(zipPath));
    return { path: zipPath, ...written };
  } catch (error) {
    await rm(partPath, { force: true });
    throw options.signal.aborted ? options.signal.reason : error;
  }
}

async function stream(
  entries: readonly ZipEntry[],
  partPath: string,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<{ bytes: number; sha256: string }> {
  const zip = new yazl.ZipFile();
  const output = new PassThrough();
  // yazl reports a file that cannot be read as an event of its own, not through its stream.
  zip.on('error', (error: Error) => output.destroy(error));
  (zip.outputStream as NodeJS.ReadableStream).pipe(output);
  for (const { name, content } of entries) {
    const options = {
      mtime: ENTRY_TIME,
      mode: ENTRY_MODE,
      compressionLevel: COMPRESSION_LEVEL,
      forceDosTimestamp: true,
    };
    if (Buffer.isBuffer(content)) zip.addBuffer(content, name, options);
    else zip.addFile(content.path, name, options);
  }
  zip.end();

  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(
        bytes > maxBytes
          ? new TaskError(
              'E_LIMIT',
              `the result is larger than ${formatBytes(maxBytes)} (MAX_RESULT_SIZE): split the task`,
            )
          : null,
        chunk,
      );
    },
  });
  await pipeline(
    output,
    measure,
    createWriteStream(partPath, { flags: 'wx', mode: GROUP_READABLE, flush: true }),
    {
      signal,
    },
  );
  return { bytes, sha256: hash.digest('hex') };
}
