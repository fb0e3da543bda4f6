import { messageOf, TaskError } from '../base/errors.ts';
import { type InPieces, inTurns } from '../base/pieces.ts';
import type { ResultFormat, WrittenFile } from './result.ts';

/** Makes the check of a format whose files are checked as a whole. */
export function checkWhole(
  check: (text: string, file: WrittenFile) => InPieces<void>,
): ResultFormat['check'] {
  return async (content, file) => {
    const parts: string[] = [];
    for await (const text of decodeUtf8(content)) parts.push(text);
    await inTurns(check(parts.join(''), file));
  };
}

/** Checks a file that is read line by line. It throws an Error that says what is wrong in the line. */
export interface LineSink {
  readonly add: (line: string) => void;
  /** Called after the last line. */
  readonly end: () => void;
}

/**
 * Makes the check of a format whose files are read line by line, so that the memory never has a whole file.
 * @returns a check that throws TaskError E_OUTPUT_INVALID with the line
 */
export function checkLines(begin: (file: WrittenFile) => LineSink): ResultFormat['check'] {
  return async (content, file) => {
    const reader = begin(file);
    let rest = '';
    let line = 1;
    try {
      for await (const text of decodeUtf8(content)) {
        const lines = `${rest}${text}`.split('\n');
        rest = lines.pop() ?? '';
        for (const one of lines) {
          reader.add(one);
          line += 1;
        }
      }
      if (rest !== '') throw new Error('expected the end of the line, found the end of the file');
      reader.end();
    } catch (error) {
      const place = { file: file.name, line };
      throw new TaskError('E_OUTPUT_INVALID', messageOf(error), { place, cause: error });
    }
  };
}

/**
 * Decodes the content of a UTF-8 file, in pieces.
 * @throws TypeError: it is not UTF-8
 */
export async function* decodeUtf8(content: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of content) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
