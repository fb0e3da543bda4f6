import { type InPieces, inTurns } from '../base/pieces.ts';
import type { ResultFormat, WrittenFile } from './result.ts';

/** The check of a format whose files are looked at as a whole, piece by piece. */
export function checkWhole(
  check: (text: string, file: WrittenFile) => InPieces<void>,
): ResultFormat['check'] {
  return async (content, file) => {
    const parts: string[] = [];
    for await (const text of decodeUtf8(content)) parts.push(text);
    await inTurns(check(parts.join(''), file));
  };
}

/**
 * The text of a file that was written as UTF-8, in pieces.
 * @throws TypeError when it is no UTF-8
 */
export async function* decodeUtf8(content: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for await (const chunk of content) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}
