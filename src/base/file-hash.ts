import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface FileHash {
  /** In hexadecimal digits. */
  readonly sha256: string;
  /** Length of what was read. */
  readonly bytes: number;
}

/**
 * Reads a file once, in pieces.
 * @param signal - a recording may have gigabytes
 * @throws the reason of `signal`; system errors
 */
export async function hashFile(filePath: string, signal?: AbortSignal): Promise<FileHash> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(filePath) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
