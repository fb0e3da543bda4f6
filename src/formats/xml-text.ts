import { isAscii, isUtf8 } from 'node:buffer';
import { TaskError } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { decodeText } from './text-encoding.ts';
import type { ReadOptions } from './transcript.ts';
import type { XmlText } from './xml-handler.ts';

/** How many bytes or characters a piece has. A parser needs some milliseconds for it. */
const PIECE_LENGTH = 32 * 1024;
const UTF8_MARK = Buffer.from('\uFEFF');
const DECLARED = /^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/;
const DECLARATION_BYTES = 300;

/**
 * Decodes an XML file: in the encoding that it declares, unless this is Unicode; otherwise as `decodeText`. UTF-8 is
 * decoded piece by piece, so that the memory never has the whole text.
 * @throws TaskError E_TEXT_ENCODING, E_LIMIT
 */
export function decodeXml(
  bytes: Uint8Array,
  file: string,
  { legacyEncoding, warn }: Pick<ReadOptions, 'legacyEncoding' | 'warn'>,
): XmlText {
  const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1');
  const declared = DECLARED.exec(start)?.[1];
  // After a byte order mark, DECLARED does not match, and the mark decides.
  if (declared !== undefined && !/^(?:utf-?|ucs-?|us-ascii|ascii)/i.test(declared))
    return piecesOf(decodeDeclared(bytes, declared, file, warn));
  if (isUtf8(bytes) && !bytes.includes(0)) return () => decodeUtf8(bytes);
  const { text, warning } = decodeText(bytes, file, legacyEncoding);
  if (warning !== undefined) warn(warning);
  return piecesOf(text);
}

function* decodeUtf8(bytes: Uint8Array): Iterable<string> {
  const hasMark = Buffer.compare(bytes.subarray(0, UTF8_MARK.length), UTF8_MARK) === 0;
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let at = hasMark ? UTF8_MARK.length : 0; at < bytes.length; at += PIECE_LENGTH)
    yield decoder.decode(bytes.subarray(at, at + PIECE_LENGTH), { stream: true });
}

function piecesOf(text: string): XmlText {
  return function* () {
    for (let at = 0; at < text.length; at += PIECE_LENGTH) yield text.slice(at, at + PIECE_LENGTH);
  };
}

function decodeDeclared(
  bytes: Uint8Array,
  declared: string,
  file: string,
  warn: ReadOptions['warn'],
): string {
  const refuse = (found: string): never => {
    const text = `expected text in the declared encoding ${declared}, found ${found}; save the file as UTF-8`;
    throw new TaskError('E_TEXT_ENCODING', text, { place: { file, line: 1 } });
  };
  const decoder = decoderOf(declared) ?? refuse('an encoding that is not known');
  if (!isAscii(bytes) && isUtf8(bytes)) {
    const text =
      `declares the encoding ${declared} and was read in it, but all of it is valid UTF-8: if accented letters are wrong in the result, ` +
      'correct the encoding in its first line';
    warn(findingAt('W_TEXT_ENCODING', { file, line: 1 }, text));
  }
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse('bytes that are no characters in it');
  }
}

function decoderOf(encoding: string): InstanceType<typeof TextDecoder> | null {
  try {
    return new TextDecoder(encoding, { fatal: true });
  } catch {
    return null;
  }
}
