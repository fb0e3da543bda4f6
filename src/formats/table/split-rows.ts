import { TaskError } from '../../base/errors.ts';
import { quoteFound } from '../malformed.ts';
import type { Row } from './row.ts';

const QUOTE = '"';
const TAB = '\t';
const BLANK = 0x20;

/**
 * The rows of a text whose cells have a character between them (RFC 4180). Lines end with LF or CR LF, or all with CR. A cell
 * in quotes may hold that character and line ends, and has its own quotes twice. A quote within a cell stands for itself;
 * between TABs one at the beginning does too, if none ends the cell: most programs write no quotes there.
 * @param delimiter - one character
 * @throws TaskError E_TRANSCRIPT_MALFORMED at a quote that has no partner: what follows could be read in two ways
 */
export function* splitRows(text: string, delimiter: string, file: string, firstLine = 1): Generator<Row> {
  const lineEnd = text.includes('\n') ? '\n' : '\r';
  let line = firstLine;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf(lineEnd, at);
    const endAt = found < 0 ? text.length : found;
    const content = withoutReturn(text.slice(at, endAt));
    if (!content.includes(QUOTE)) {
      yield { line, cells: content.split(delimiter) };
      at = endAt + 1;
      line += 1;
      continue;
    }
    const row = readQuoted({ text, delimiter, lineEnd, file, line }, at);
    yield { line, cells: row.cells };
    at = row.nextAt;
    line += row.lineCount;
  }
}

interface Source {
  readonly text: string;
  readonly delimiter: string;
  readonly lineEnd: string;
  readonly file: string;
  readonly line: number;
}

interface QuotedRow {
  readonly cells: readonly string[];
  /** Where the next row begins. */
  readonly nextAt: number;
  readonly lineCount: number;
}

function readQuoted(source: Source, start: number): QuotedRow {
  const { text, delimiter, lineEnd } = source;
  const cells: string[] = [];
  let lineCount = 1;
  let lineEndAt = indexOrEnd(text, lineEnd, start);
  for (let at = start; ; ) {
    const quoteAt = skipBlanks(text, at);
    const quoted = text[quoteAt] === QUOTE ? readCell(source, quoteAt, cells.length, lineCount) : null;
    let endAt: number;
    if (quoted === null) {
      const delimiterAt = text.slice(at, lineEndAt).indexOf(delimiter);
      endAt = delimiterAt < 0 ? lineEndAt : at + delimiterAt;
      const cell = text.slice(at, endAt);
      cells.push(endAt === lineEndAt ? withoutReturn(cell) : cell);
    } else {
      cells.push(quoted.value);
      endAt = quoted.endAt;
      if (endAt > lineEndAt) {
        for (let next = lineEndAt; next < endAt; next = indexOrEnd(text, lineEnd, next + 1)) lineCount += 1;
        lineEndAt = indexOrEnd(text, lineEnd, endAt);
      }
    }
    if (endAt >= lineEndAt) return { cells, nextAt: lineEndAt + 1, lineCount };
    at = endAt + 1;
  }
}

/**
 * A cell in quotes.
 * @param quoteAt - where its first quote is
 * @param cellsBefore - in its row
 * @returns null: the quote stands for itself; `endAt`: where the delimiter or the line end after it is
 */
function readCell(
  { text, delimiter, lineEnd, file, line }: Source,
  quoteAt: number,
  cellsBefore: number,
  lineCount: number,
): { readonly value: string; readonly endAt: number } | null {
  const parts: string[] = [];
  for (let from = quoteAt + 1; ; ) {
    const closeAt = text.indexOf(QUOTE, from);
    // Of a program that writes no quotes the next quote may be many lines away: a TAB comes before.
    if (delimiter === TAB && text.slice(from, closeAt < 0 ? from : closeAt).includes(TAB)) return null;
    if (closeAt >= 0 && text[closeAt + 1] === QUOTE) {
      parts.push(text.slice(from, closeAt + 1));
      from = closeAt + 2;
      continue;
    }
    if (closeAt >= 0) {
      let endAt = skipBlanks(text, closeAt + 1);
      if (text[endAt] === '\r' && text[endAt + 1] === lineEnd) endAt += 1;
      const isEnd = endAt >= text.length || text[endAt] === delimiter || text[endAt] === lineEnd;
      if (isEnd) return { value: parts.join('') + text.slice(from, closeAt), endAt };
    }
    if (delimiter === TAB) return null;
    const found = closeAt < 0 ? 'none' : quoteFound(text.slice(closeAt, closeAt + 20));
    const said =
      `expected a quote and then the end of the cell that begins with ${quoteFound(text.slice(quoteAt, quoteAt + 20))}, ` +
      `found ${found}; write each quote within a cell twice, and one before and after the cell`;
    throw new TaskError('E_TRANSCRIPT_MALFORMED', said, {
      place: { file, line: line + lineCount - 1, column: cellsBefore + 1 },
    });
  }
}

function withoutReturn(content: string): string {
  return content.endsWith('\r') ? content.slice(0, -1) : content;
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? text.length : at;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === BLANK) at += 1;
  return at;
}
