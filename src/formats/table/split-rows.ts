import { TaskError } from '../../base/errors.ts';
import { indexOrEnd } from '../index-or-end.ts';
import { quoteFound } from '../malformed.ts';
import type { Row } from './row.ts';

const QUOTE = '"';
const QUOTE_CODE = 0x22;
const TAB = '\t';
const [BLANK, RETURN] = [0x20, 0x0d];

/**
 * Splits a text into rows of cells with a delimiter between them (RFC 4180). Lines end with LF or CR LF, or all with
 * CR; CR CR LF is one end, as some Windows programs write it. A cell in quotes may contain the delimiter and line ends;
 * each quote in it is written twice. A quote inside another cell is text. If the delimiter is TAB, a quote at the
 * beginning of a cell that does not end with one is text, too: most programs write no quotes around such cells.
 * @param delimiter - one character
 * @throws TaskError E_TRANSCRIPT_MALFORMED at a quote that has no partner: what follows could be read in two ways
 */
export function* splitRows(text: string, delimiter: string, file: string, firstLine = 1): Generator<Row> {
  const splitter = new RowSplitter(text, delimiter, file, firstLine);
  for (let row = splitter.next(); row !== null; row = splitter.next()) yield row;
}

class RowSplitter {
  readonly #text: string;
  readonly #delimiter: string;
  readonly #file: string;
  readonly #lineEnd: string;
  #line: number;
  #at = 0;
  /** Index of the next quote and delimiter, or of the end. Each is searched once, not again in each row. */
  #quoteAt = -1;
  #delimiterAt = -1;

  constructor(text: string, delimiter: string, file: string, firstLine: number) {
    this.#text = text;
    this.#delimiter = delimiter;
    this.#file = file;
    this.#lineEnd = text.includes('\n') ? '\n' : '\r';
    this.#line = firstLine;
  }

  /** @returns null at the end */
  next(): Row | null {
    const start = this.#at;
    if (start >= this.#text.length) return null;
    const endAt = indexOrEnd(this.#text, this.#lineEnd, start);
    if (this.#quoteAt < start) this.#quoteAt = indexOrEnd(this.#text, QUOTE, start);
    if (this.#quoteAt < endAt) return this.#readQuoted(start, endAt);
    const row = { line: this.#line, cells: this.#readPlain(start, endAt) };
    this.#at = endAt + 1;
    this.#line += 1;
    return row;
  }

  #readPlain(start: number, endAt: number): string[] {
    const cells: string[] = [];
    let at = start;
    for (let next = this.#nextDelimiter(at); next < endAt; next = this.#nextDelimiter(at)) {
      cells.push(this.#text.slice(at, next));
      at = next + 1;
    }
    cells.push(withoutReturn(this.#text.slice(at, endAt)));
    return cells;
  }

  #nextDelimiter(at: number): number {
    if (this.#delimiterAt < at) this.#delimiterAt = indexOrEnd(this.#text, this.#delimiter, at);
    return this.#delimiterAt;
  }

  /** @param lineEndAt - where its first line ends */
  #readQuoted(start: number, lineEndAt: number): Row {
    const text = this.#text;
    const row = { line: this.#line, cells: [] as string[] };
    let rowEndAt = lineEndAt;
    for (let at = start; ; ) {
      const quoteAt = skipBlanks(text, at);
      const isQuoted = text.charCodeAt(quoteAt) === QUOTE_CODE;
      const quoted = isQuoted ? this.#readCell(quoteAt, row.cells.length) : null;
      let endAt: number;
      if (quoted === null) {
        endAt = Math.min(this.#nextDelimiter(at), rowEndAt);
        const cell = text.slice(at, endAt);
        row.cells.push(endAt === rowEndAt ? withoutReturn(cell) : cell);
      } else {
        row.cells.push(quoted.value);
        endAt = quoted.endAt;
        for (; endAt > rowEndAt; rowEndAt = indexOrEnd(text, this.#lineEnd, rowEndAt + 1)) this.#line += 1;
      }
      if (endAt >= rowEndAt) break;
      at = endAt + 1;
    }
    this.#at = rowEndAt + 1;
    this.#line += 1;
    return row;
  }

  /**
   * Reads a cell in quotes.
   * @param quoteAt - index of its first quote
   * @param cellsBefore - how many cells are before it in its row
   * @returns `endAt`: index of the delimiter or line end after it; null: the quote is text
   */
  #readCell(quoteAt: number, cellsBefore: number): { readonly value: string; readonly endAt: number } | null {
    const text = this.#text;
    let before = '';
    for (let from = quoteAt + 1; ; ) {
      const closeAt = text.indexOf(QUOTE, from);
      // A TAB before the next quote means that the first one is text; the next may be many lines away.
      if (this.#delimiter === TAB && text.slice(from, closeAt < 0 ? from : closeAt).includes(TAB))
        return null;
      if (closeAt >= 0 && text.charCodeAt(closeAt + 1) === QUOTE_CODE) {
        before += text.slice(from, closeAt + 1);
        from = closeAt + 2;
        continue;
      }
      const endAt = closeAt < 0 ? -1 : this.#endAfter(closeAt);
      if (endAt >= 0) return { value: before + text.slice(from, closeAt), endAt };
      if (this.#delimiter === TAB) return null;
      throw this.#unclosed(quoteAt, closeAt, cellsBefore);
    }
  }

  /**
   * Index of the delimiter, line end or end of the text after the last quote of a cell; -1: something else comes first.
   */
  #endAfter(closeAt: number): number {
    const text = this.#text;
    let at = skipBlanks(text, closeAt + 1);
    if (this.#lineEnd !== '\r') while (text.charCodeAt(at) === RETURN) at += 1;
    const isEnd = at === text.length || text[at] === this.#delimiter || text[at] === this.#lineEnd;
    return isEnd ? at : -1;
  }

  #unclosed(quoteAt: number, closeAt: number, cellsBefore: number): TaskError {
    const text = this.#text;
    const found = closeAt < 0 ? 'none' : quoteFound(text.slice(closeAt, closeAt + 20));
    const said =
      `expected a quote and then the end of the cell that begins with ${quoteFound(text.slice(quoteAt, quoteAt + 20))}, ` +
      `found ${found}; write each quote within a cell twice, and one before and after the cell`;
    const place = { file: this.#file, line: this.#line, column: cellsBefore + 1 };
    return new TaskError('E_TRANSCRIPT_MALFORMED', said, { place });
  }
}

function withoutReturn(content: string): string {
  let end = content.length;
  while (content.charCodeAt(end - 1) === RETURN) end -= 1;
  return content.slice(0, end);
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === BLANK) at += 1;
  return at;
}
