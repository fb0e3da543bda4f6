import { type FileHandle, open } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';

const CHUNK_BYTES = 256 * 1024;
/** Longer lines are cut: otherwise a file without line ends would be held in memory as a whole. */
const MAX_LINE_CHARS = 64 * 1024;

/**
 * Reads the lines of a text file in chunks, so that a large file needs little memory and does not block the event loop. The
 * text is UTF-8, or UTF-16 with a byte order mark. Invalid bytes become U+FFFD. A line has at most 65,536 characters; the rest
 * of it is left out.
 * @param onLine - gets each line without its line feed (a carriage return stays), and its number from 1
 * @throws TaskError E_PATH_KIND when the path is not a file; the reason of `signal`; system errors
 */
export async function forEachLine(
  path: string,
  onLine: (line: string, number: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  await using file = await open(path, 'r');
  // Reading a pipe or a device might never end.
  if (!(await file.stat()).isFile()) throw new TaskError('E_PATH_KIND', `${path}: expected a file`);
  const decoder = new TextDecoder(await sniffEncoding(file));
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let number = 0;
  let rest = '';
  for (let position = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, position);
    position += bytesRead;
    const text =
      rest +
      (bytesRead === 0 ? decoder.decode() : decoder.decode(buffer.subarray(0, bytesRead), { stream: true }));
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      onLine(text.slice(start, end), ++number);
      start = end + 1;
    }
    rest = text.slice(start, start + MAX_LINE_CHARS);
    if (bytesRead === 0) break;
  }
  if (rest !== '') onLine(rest, ++number);
}

async function sniffEncoding(file: FileHandle): Promise<string> {
  const mark = Buffer.alloc(2);
  await file.read(mark, 0, 2, 0);
  if (mark[0] === 0xff && mark[1] === 0xfe) return 'utf-16le';
  if (mark[0] === 0xfe && mark[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
