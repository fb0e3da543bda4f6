import { SaxesParser } from 'saxes';
import { TaskError } from '../base/errors.ts';
import type { PlaceInText } from '../base/finding.ts';
import type { InPieces } from '../base/pieces.ts';
import { readPlainXml } from './plain-xml.ts';
import { MAX_DEPTH, type XmlHandler, type XmlText } from './xml-handler.ts';

/** The parser checks all attributes at the end of a tag. For a longer tag, this would block the event loop. */
const MAX_TAG_CHARS = 1024 * 1024;
const FOUND_CHARS = 20;
const FIX = 'correct the file, or save it again with the program that made it';

/**
 * Reads the text of an XML file. Files that it names are not opened, and a DTD inside it is refused.
 * @throws TaskError E_TRANSCRIPT_MALFORMED with the line and column where it is not well-formed; errors of the handler
 */
export function* readXml(text: XmlText, file: string, handler: XmlHandler): InPieces<void> {
  const toldCount = yield* readPlainXml(text, handler);
  if (toldCount !== null) yield* readAnyXml(text, file, afterTold(toldCount, handler));
}

/**
 * Makes a handler that leaves out what the other one got already: `toldCount` starts and ends of elements, and text
 * before them.
 */
function afterTold(toldCount: number, handler: XmlHandler): XmlHandler {
  let count = 0;
  return {
    open: (element) => {
      if (++count > toldCount) handler.open(element);
    },
    close: (name, end) => {
      if (++count > toldCount) handler.close(name, end);
    },
    text: (text) => {
      if (count >= toldCount) handler.text(text);
    },
  };
}

/** Reads any XML. It is slower than `readPlainXml`, and says what is wrong. */
function* readAnyXml(text: XmlText, file: string, handler: XmlHandler): InPieces<void> {
  const parser = new SaxesParser();
  const refuse = (expected: string, found: string, place: PlaceInText = here()): never => {
    const said = `expected ${expected}, found ${found}; ${FIX}`;
    throw new TaskError('E_TRANSCRIPT_MALFORMED', said, { place: { file, ...place } });
  };
  const here = (): PlaceInText => ({ line: parser.line, column: Math.max(1, parser.column) });
  const open: string[] = [];
  let wanted = '';
  parser.on('error', ({ message }) => {
    const found = message.replace(/^[\d:]*\s*|\.$/g, '');
    const ampersand = findAmpersand(text, found, parser.position);
    if (ampersand !== null) refuse('&amp; for each "&" in a text', ampersand.found, ampersand.place);
    const cut = /^unclosed tag: (.*)$/s.exec(found)?.[1];
    if (cut !== undefined) refuse(`</${cut}>`, 'the end of the file, which may be cut short');
    if (found === 'unexpected close tag') refuse(`</${wanted}>`, 'another end tag');
    if (/^an XML declaration must/i.test(found))
      refuse('<?xml ... ?> at the very start', 'something before it');
    const isEmpty = found === 'document must contain a root element';
    refuse('well-formed XML', isEmpty ? 'no element, as in an empty file' : found);
  });
  /** Where the current tag begins, and where the next one begins if no text comes before it. */
  let [line, column, nextLine, nextColumn] = [1, 1, 1, 1];
  const nextIs = (charsBack: number) => {
    nextLine = parser.line;
    nextColumn = parser.columnIndex + 1 - charsBack;
  };
  // With a few more handlers, the parser would be five times slower: V8 would make its object a dictionary.
  parser.on('doctype', (type) => {
    if (type.replace(/"[^"]*"|'[^']*'/g, '').includes('['))
      refuse('no DTD inside the file', 'one in <!DOCTYPE ... [...]>');
  });
  /** Offset of the current tag; null: no tag is being read. */
  let tagStart: number | null = null;
  parser.on('opentagstart', ({ name }) => {
    tagStart = parser.position;
    // The parser has read the character that ends the name, which may be a line end.
    line = parser.line;
    column = parser.columnIndex - name.length - 1;
    if (column < 1) [line, column] = [nextLine, nextColumn];
  });
  parser.on('opentag', ({ name, attributes }) => {
    tagStart = null;
    open.push(name);
    if (open.length > MAX_DEPTH) refuse(`at most ${MAX_DEPTH} elements inside each other`, 'more');
    handler.open({ name, attributes, line, column, end: parser.position });
    nextIs(0);
  });
  parser.on('closetag', ({ name }) => {
    wanted = open.pop() ?? '';
    handler.close(name, parser.position);
    nextIs(0);
  });
  parser.on('text', (piece) => {
    handler.text(piece);
    // The parser has also read the character after the text, which begins a tag.
    nextIs(1);
  });
  parser.on('cdata', handler.text);
  for (const piece of text()) {
    parser.write(piece);
    if (tagStart !== null && parser.position - tagStart > MAX_TAG_CHARS)
      refuse(`at most ${MAX_TAG_CHARS} characters in a tag`, 'more', { line, column });
    yield;
  }
  parser.close();
}

/**
 * Finds an `&` that begins no reference. The parser reads from there to the next `;`, which may be far away, and
 * reports that place.
 * @param said - the message of the parser
 * @returns null: the message is about something else
 */
function findAmpersand(
  text: XmlText,
  said: string,
  position: number,
): { readonly found: string; readonly place: PlaceInText } | null {
  const isAtEnd = /^(?:unclosed tag|unexpected end)/.test(said);
  if (!isAtEnd && !said.includes('entity')) return null;
  const whole = [...text()].join('');
  const at = whole.lastIndexOf('&', position - 1);
  if (at < 0 || (isAtEnd && whole.includes(';', at))) return null;
  return { found: JSON.stringify(whole.slice(at, at + FOUND_CHARS)), place: placeIn(whole, at) };
}

/** A place in a text, whose lines end with LF, CR LF or CR. */
function placeIn(text: string, offset: number): PlaceInText {
  let line = 1;
  for (const { index } of text.matchAll(/\r\n|\r|\n/g)) {
    if (index >= offset) break;
    line += 1;
  }
  return { line, column: offset - Math.max(text.lastIndexOf('\n', offset), text.lastIndexOf('\r', offset)) };
}
