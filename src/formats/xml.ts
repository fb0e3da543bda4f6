import { isUtf8 } from 'node:buffer';
import { SaxesParser } from 'saxes';
import { TaskError } from '../base/errors.ts';
import { findingAt, type PlaceInText } from '../base/finding.ts';
import type { InPieces } from '../base/pieces.ts';
import { decodeText } from './text-encoding.ts';
import type { ReadOptions } from './transcript.ts';

/** No transcript is nested deeper: a file that is costs memory for each open element. */
const MAX_DEPTH = 100;
const CHUNK_CHARS = 32 * 1024;
const DECLARED = /^<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/;
const DECLARATION_BYTES = 300;
const FIX = 'correct the file, or save it again with the program that made it';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Where its tag begins, from 1. */
  readonly line: number;
  readonly column: number;
  /** Where its tag begins and ends, as offsets in the text. */
  readonly start: number;
  readonly end: number;
}

/** Takes what is in an XML file, in its order. */
export interface XmlHandler {
  readonly open: (element: XmlElement) => void;
  /** @param end - offset in the text after the tag; of an empty element, that of its only tag */
  readonly close: (name: string, end: number) => void;
  /** Characters between tags; what stands between two tags may come in several calls. */
  readonly text: (text: string) => void;
}

/**
 * Reads the text of an XML file. Nothing that it names is fetched, and a DTD inside it is refused.
 * @throws TaskError E_TRANSCRIPT_MALFORMED with line and column where it is no XML; what the handler throws
 */
export function* readXml(text: string, file: string, handler: XmlHandler): InPieces<void> {
  const parser = new SaxesParser();
  const refuse = (expected: string, found: string): never => {
    const place: PlaceInText = { line: parser.line, column: Math.max(1, parser.column) };
    const said = `expected ${expected}, found ${found}; ${FIX}`;
    throw new TaskError('E_TRANSCRIPT_MALFORMED', said, { place: { file, ...place } });
  };
  const open: string[] = [];
  let place = { line: 1, column: 1 };
  parser.on('error', ({ message }) => {
    const found = message.replace(/^[\d:]*\s*|\.$/g, '');
    const cut = /^unclosed tag: (.*)$/s.exec(found)?.[1];
    if (cut !== undefined) refuse(`</${cut}>`, 'the end of the file, which may be cut short');
    if (/^(?:unexpected close|unmatched closing) tag/.test(found) && open.length > 0)
      refuse(`</${open.at(-1)}>`, 'another end tag');
    refuse('well-formed XML', found);
  });
  parser.on('doctype', (type) => {
    if (type.replace(/"[^"]*"|'[^']*'/g, '').includes('['))
      refuse('no DTD inside the file', 'one in <!DOCTYPE ... [...]>');
  });
  parser.on('opentagstart', ({ name }) => {
    // The parser stands after the character that ends the name, which may be a line end.
    const next = parser.columnIndex - name.length - 1;
    const isOnNextLine = next < 1;
    place = isOnNextLine
      ? { line: parser.line - 1, column: columnOf(text, text.lastIndexOf('<', parser.position - 1)) }
      : { line: parser.line, column: next };
  });
  parser.on('opentag', ({ name, attributes }) => {
    open.push(name);
    if (open.length > MAX_DEPTH) refuse(`at most ${MAX_DEPTH} elements inside each other`, 'more');
    const end = parser.position;
    handler.open({ name, attributes, ...place, start: text.lastIndexOf('<', end - 1), end });
  });
  parser.on('closetag', ({ name }) => {
    open.pop();
    handler.close(name, parser.position);
  });
  parser.on('text', handler.text);
  parser.on('cdata', handler.text);
  for (let at = 0; at < text.length; at += CHUNK_CHARS) {
    parser.write(text.slice(at, at + CHUNK_CHARS));
    yield;
  }
  parser.close();
}

/** Column, from 1, of a place in a text, whose line ends with LF, CR LF or CR. */
function columnOf(text: string, offset: number): number {
  const lineStart = Math.max(text.lastIndexOf('\n', offset), text.lastIndexOf('\r', offset)) + 1;
  return offset - lineStart + 1;
}

/**
 * The text of an XML file: in the encoding that it declares, if that is none of Unicode, else as any other.
 * @throws TaskError E_TEXT_ENCODING, E_LIMIT
 */
export function decodeXml(
  bytes: Uint8Array,
  file: string,
  { legacyEncoding, warn }: Pick<ReadOptions, 'legacyEncoding' | 'warn'>,
): string {
  const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString('latin1');
  const declared = DECLARED.exec(start)?.[1];
  // A mark at the beginning comes before the declaration, so there is none here then.
  if (declared === undefined || /^(?:utf-?|ucs-?|us-ascii|ascii)/i.test(declared)) {
    const { text, warning } = decodeText(bytes, file, legacyEncoding);
    if (warning !== undefined) warn(warning);
    return text;
  }
  return decodeDeclared(bytes, declared, file, warn);
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
  const isAscii = !bytes.some((byte) => byte >= 0x80);
  if (!isAscii && isUtf8(bytes)) {
    const text =
      `declares ${declared} and was read so, but all of it is valid UTF-8: if accented letters are wrong in the result, ` +
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
