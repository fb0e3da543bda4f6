import { type CellKind, isBlank, type Row } from '../table/row.ts';
import { MergedCellFiller, type MergedCells } from './merged-cells.ts';
import { type NumberKind, showNumber } from './number-formats.ts';
import type { Attributes, PartHandler, Parts } from './parts.ts';
import { RichText, readEscapes } from './strings.ts';

/** A transcript needs few columns; a sheet may have 16,384. */
const MAX_COLUMNS = 256;
/** A sheet has no more rows. */
const MAX_LINE = 1_048_576;
const REF = /^([A-Z]{1,3})(\d{1,7})$/;

/** Data of the workbook that cells refer to. */
export interface CellContext {
  /** Texts, by their numbers from 0. */
  readonly strings: readonly string[];
  /** How numbers are shown, by the number of the cell style from 0. */
  readonly kinds: readonly NumberKind[];
  /** Whether days are counted from 1904, not from 1900. */
  readonly isFrom1904: boolean;
}

/** The rows of a sheet in order, without empty rows. Null: a piece of work was done, so that other work may run now. */
export type SheetRows = Generator<Row | null, void>;

/**
 * Reads the cells of a sheet, row by row, so that the rows are never in memory all at once.
 * @param part - name of its part
 * @param hiddenLines - gets the numbers of hidden rows that have content
 * @throws TaskError E_TRANSCRIPT_MALFORMED with row and column; E_LIMIT as `Parts`
 */
export function* readSheet(
  parts: Parts,
  part: string,
  context: CellContext,
  hiddenLines: number[],
): SheetRows {
  const bytes = parts.unpack(part);
  if (bytes === null)
    throw parts.malformed(
      `expected the part ${part}, found none; save the file again in the program that made it`,
    );
  const filler = new MergedCellFiller(yield* readMerged(parts, part, bytes));
  const rows: Row[] = [];
  const reader = new SheetReader(parts, context, { rows, hiddenLines });
  for (const _ of parts.parse(bytes, part, reader)) {
    for (const row of rows) if (!isBlank(row)) yield filler.fill(row);
    rows.length = 0;
    yield null;
  }
}

/** Reads which cells are merged, before the rows: the file says it after the last row. */
function* readMerged(parts: Parts, part: string, bytes: Buffer): Generator<null, MergedCells[]> {
  const merged: MergedCells[] = [];
  if (!bytes.includes('mergeCell')) return merged;
  const open = (name: string, { ref = '' }: Attributes) => {
    if (name !== 'mergeCell') return;
    const [from = '', to = ''] = ref.split(':');
    const [, , fromLine] = REF.exec(from) ?? [];
    const [, , toLine] = REF.exec(to) ?? [];
    const column = indexOf(from);
    // Nothing to copy within a row: its first cell has the content.
    if (column === null || column >= MAX_COLUMNS || fromLine === toLine) return;
    merged.push({ column, fromLine: Number(fromLine), toLine: Number(toLine) });
  };
  for (const _ of parts.parse(bytes, part, { open })) yield null;
  return merged;
}

/** Takes what is read of a sheet. */
interface SheetContent {
  readonly rows: Row[];
  readonly hiddenLines: number[];
}

class SheetReader implements PartHandler {
  readonly #parts: Parts;
  readonly #context: CellContext;
  readonly #into: SheetContent;
  readonly #rich = new RichText();
  #line = 0;
  #isHidden = false;
  #cells: (string | undefined)[] = [];
  #kinds = new Map<number, CellKind>();
  /** Column of the cell that is being read, from 0; -1: none of this row yet. */
  #index = -1;
  #attributes: Attributes = {};
  #value = '';
  #isInValue = false;
  #hasFormula = false;

  constructor(parts: Parts, context: CellContext, into: SheetContent) {
    this.#parts = parts;
    this.#context = context;
    this.#into = into;
  }

  open(name: string, attributes: Attributes): void {
    switch (name) {
      case 'row':
        this.#openRow(attributes);
        break;
      case 'c':
        this.#openCell(attributes);
        break;
      case 'f':
        this.#hasFormula = true;
        break;
      case 'v':
        this.#isInValue = true;
        break;
      default:
        this.#rich.open(name);
    }
  }

  text(text: string): void {
    if (this.#isInValue) this.#value += text;
    else this.#rich.add(text);
  }

  close(name: string): void {
    if (name === 'v') this.#isInValue = false;
    else if (name === 'c') this.#closeCell();
    else if (name === 'row') this.#closeRow();
    else this.#rich.close(name);
  }

  #openRow({ r, hidden }: Attributes): void {
    const line = r === undefined ? this.#line + 1 : Number(r);
    if (!Number.isInteger(line) || line <= this.#line || line > MAX_LINE)
      throw this.#damaged(`expected a row after row ${this.#line}, found row ${line}`);
    this.#line = line;
    this.#isHidden = hidden === '1' || hidden === 'true';
    this.#index = -1;
  }

  #closeRow(): void {
    if (this.#cells.length === 0) return;
    const kinds = this.#kinds.size === 0 ? {} : { kinds: this.#kinds };
    this.#into.rows.push({ line: this.#line, cells: this.#cells, ...kinds });
    if (this.#isHidden) this.#into.hiddenLines.push(this.#line);
    this.#cells = [];
    if (this.#kinds.size > 0) this.#kinds = new Map();
  }

  #openCell(attributes: Attributes): void {
    const index = attributes['r'] === undefined ? this.#index + 1 : indexOf(attributes['r']);
    if (index === null || index <= this.#index)
      throw this.#damaged('expected the cells of a row in order, found one out of order');
    this.#index = index;
    this.#attributes = attributes;
    this.#value = '';
    this.#hasFormula = false;
    this.#rich.open('is');
  }

  #closeCell(): void {
    const { kind, content } = this.#read();
    if (content === '' && kind === null) return;
    if (this.#index >= MAX_COLUMNS) {
      const text = `expected at most ${MAX_COLUMNS} columns, found "${content.slice(0, 20)}" in a later one; delete what is not part of the table`;
      throw this.#parts.malformed(text, this.#place());
    }
    this.#cells[this.#index] = content;
    if (kind !== null) this.#kinds.set(this.#index, kind);
  }

  /** The content of the cell. Its kind is null for plain text. */
  #read(): { readonly content: string; readonly kind: CellKind | null } {
    const { t = 'n', s } = this.#attributes;
    const value = this.#value;
    if (t === 'inlineStr') return { content: this.#rich.text, kind: null };
    if (value === '') return { content: '', kind: this.#hasFormula && t !== 'str' ? 'formula' : null };
    if (t === 's') {
      const content = this.#context.strings[Number(value)];
      if (content === undefined) throw this.#damaged(`expected a text with the number ${value}, found none`);
      return { content, kind: null };
    }
    if (t === 'str' || t === 'd') return { content: readEscapes(value), kind: null };
    if (t === 'b') return { content: value === '0' ? 'FALSE' : 'TRUE', kind: 'number' };
    if (t === 'e') return { content: value, kind: 'error' };
    const number = Number(value);
    if (!Number.isFinite(number)) throw this.#damaged(`expected a number, found "${value.slice(0, 20)}"`);
    const shown = this.#context.kinds[Number(s ?? 0)] ?? 'number';
    return { content: showNumber(number, shown, this.#context.isFrom1904), kind: 'number' };
  }

  #place(): { readonly line: number; readonly column?: number } {
    return this.#index < 0 ? { line: this.#line } : { line: this.#line, column: this.#index + 1 };
  }

  #damaged(text: string): Error {
    return this.#parts.malformed(`${text}; save the file again in the program that made it`, this.#place());
  }
}

/** The column, from 0, of a cell with a name such as `C7`; null: it is no such name. */
function indexOf(ref: string): number | null {
  const letters = REF.exec(ref)?.[1];
  if (letters === undefined) return null;
  let number = 0;
  for (const letter of letters) number = number * 26 + letter.charCodeAt(0) - 64;
  return number - 1;
}
