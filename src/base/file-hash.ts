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
 * @throws system errors
 */
export async function hashFile(filePath: string): Promise<FileHash> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(filePath) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
