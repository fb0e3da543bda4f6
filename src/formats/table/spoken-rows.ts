import { type MalformedLines, quoteFound } from '../malformed.ts';
import type { Column } from './column.ts';
import type { HeaderRole } from './column-names.ts';
import type { Columns } from './columns.ts';
import { type CellKind, cellName, type Row } from './row.ts';
import { EXPECTED_TIME, FRAMES_TIME, isWholeNumber, readTime } from './times.ts';

/** The content of a row. */
export interface SpokenRow {
  readonly line: number;
  /** The table's name for the recording; empty: it has no such column. */
  readonly recording: string;
  /** Name of the tier; empty: it has no such column. */
  readonly tier: string;
  readonly speaker: string;
  /** Null: the row has no times. If only the end is null, the row lasts until the next one begins. */
  readonly startSec: number | null;
  readonly endSec: number | null;
  /** Whether its times are whole numbers without a unit. */
  readonly isWhole: boolean;
  readonly text: string;
  /** The word of a phone; null: the table has no phones. */
  readonly word: string | null;
  /** The number of the word of a phone; empty: the table has no phones. */
  readonly wordNumber: string;
  /** From `phones.csv`, a result of this program; empty: the table has no such column. */
  readonly ipa: string;
  readonly quality: string;
}

/** Reads the rows of a table by its columns. */
export class RowReader {
  readonly #columns: Columns;
  readonly #faults: MalformedLines;
  readonly #extraFix: string;
  #numberCount = 0;
  #firstNumber: { readonly line: number; readonly index: number; readonly header: string } | null = null;

  /**
   * @param faults - gets the faults of the rows
   * @param extraFix - see `InterpretOptions`
   */
  constructor(columns: Columns, faults: MalformedLines, extraFix: string) {
    this.#columns = columns;
    this.#faults = faults;
    this.#extraFix = extraFix;
  }

  /** @returns null: the row has a fault, which was added to `faults` */
  read(row: Row): SpokenRow | null {
    const { byRole, beside, width } = this.#columns;
    if (row.kinds !== undefined && !this.#checkKinds(row, row.kinds)) return null;
    if (row.cells.length > width && !this.#checkExtra(row)) return null;
    const text = cellOf(row, byRole.phone ?? byRole.text);
    const recording = nameIn(row, byRole.file);
    if (byRole.file !== undefined && recording === '') {
      const message = 'expected the name of a recording, found an empty cell; write the name in every row';
      this.#faults.add({ line: row.line, column: byRole.file.index + 1 }, message);
      return null;
    }
    const times = byRole.begin === undefined ? UNTIMED : this.#readTimes(row, byRole.begin);
    if (times === null) return null;
    const kind = nameIn(row, byRole.kind);
    return {
      line: row.line,
      recording,
      tier: kind === '' ? nameIn(row, byRole.tier) : kind,
      speaker: nameIn(row, byRole.speaker),
      startSec: times.startSec,
      endSec: times.endSec,
      isWhole: times.isWhole,
      text,
      word: byRole.word === undefined ? null : cellOf(row, byRole.word),
      wordNumber: nameIn(row, byRole.wordNumber),
      ipa: cellAt(row, beside.ipa),
      quality: cellAt(row, beside.quality),
    };
  }

  /** The warning about numbers in a column of text; null: there are none. */
  numbers(): { readonly line: number; readonly text: string } | null {
    if (this.#firstNumber === null) return null;
    const { line, index, header } = this.#firstNumber;
    const rest = this.#numberCount > 1 ? ` and ${this.#numberCount - 1} more` : '';
    const text =
      `cells of numbers under ${quoteFound(header)}: ${cellName(line, index)}${rest}; if something else was typed, such as 0045 or 1/2, ` +
      'give the column the format "Text" and type it again';
    return { line, text };
  }

  /** @returns whether all cells to which no column belongs are empty */
  #checkExtra({ line, cells }: Row): boolean {
    const { width } = this.#columns;
    const extra = cells.findIndex((cell, index) => index >= width && (cell ?? '').trim() !== '');
    if (extra < 0) return true;
    const text = `expected ${width} cells as in the first row, found ${cells.length}; ${this.#extraFix}`;
    this.#faults.add({ line, column: extra + 1 }, text);
    return false;
  }

  /** @returns whether the cells of a spreadsheet can be read */
  #checkKinds({ line, cells }: Row, kinds: ReadonlyMap<number, CellKind>): boolean {
    let isRead = true;
    for (const [role, { index, header }] of Object.entries(this.#columns.byRole)) {
      const kind = kinds.get(index);
      if (kind === undefined) continue;
      if (kind === 'number') {
        if (!TEXTS.has(role)) continue;
        this.#numberCount += 1;
        this.#firstNumber ??= { line, index, header };
        continue;
      }
      if (kind === 'merged' && !OWN.has(role)) continue;
      const found = kind === 'error' ? `${FOUND[kind]} ${quoteFound(cells[index] ?? '')}` : FOUND[kind];
      const text = `expected one value under ${quoteFound(header)} in cell ${cellName(line, index)}, found ${found}; ${FIXES[kind]}`;
      this.#faults.add({ line, column: index + 1 }, text);
      isRead = false;
    }
    return isRead;
  }

  #readTimes(row: Row, begin: Column): Times | null {
    const { end, duration } = this.#columns.byRole;
    const startSec = this.#readTime(row, begin);
    const last = end ?? duration;
    if (last === undefined) return startSec === null ? null : { startSec, endSec: null, isWhole: false };
    const lastSec = this.#readTime(row, last);
    if (startSec === null || lastSec === null) return null;
    const isWhole = isWholeTime(row, begin) && isWholeTime(row, last);
    return { startSec, endSec: end === undefined ? addSec(startSec, lastSec) : lastSec, isWhole };
  }

  #readTime(row: Row, column: Column): number | null {
    const content = cellOf(row, column).trim();
    const time = readTime(content, column.unit);
    if (time !== null) return time;
    const found = content === '' ? 'an empty cell' : quoteFound(content);
    const fix = FRAMES_TIME.test(content)
      ? ', with frames; export the table again with milliseconds'
      : '; correct it';
    this.#faults.add(
      { line: row.line, column: column.index + 1 },
      `${EXPECTED_TIME} under ${quoteFound(column.header)}, found ${found}${fix}`,
    );
    return null;
  }
}

/** Columns of text. */
const TEXTS: ReadonlySet<string> = new Set<HeaderRole>(['text', 'word', 'phone']);
/** Columns in which each row needs its own value. In other columns, merged cells have one name for several rows. */
const OWN: ReadonlySet<string> = new Set<HeaderRole>(['begin', 'end', 'duration', 'text', 'word', 'phone']);
const FOUND = {
  error: 'the error',
  formula: 'a formula without a value',
  merged: 'merged cells',
} as const;
const FIXES = {
  error: "correct the formula, or type ' before a text that begins like one",
  formula: 'open the file in a spreadsheet program and save it there',
  merged: 'unmerge them, and write a value in each row',
} as const;

type Times = Pick<SpokenRow, 'startSec' | 'endSec' | 'isWhole'>;
const UNTIMED: Times = { startSec: null, endSec: null, isWhole: false };

function cellOf({ cells }: Row, column: Column | undefined): string {
  return column === undefined ? '' : (cells[column.index] ?? '');
}

function cellAt({ cells }: Row, index: number | undefined): string {
  return index === undefined ? '' : (cells[index] ?? '').trim();
}

function nameIn(row: Row, column: Column | undefined): string {
  return column === undefined ? '' : (row.cells[column.index] ?? '').trim();
}

function isWholeTime(row: Row, column: Column): boolean {
  return column.unit === 'plain' && isWholeNumber(cellOf(row, column).trim());
}

/** Adds times and rounds the sum: otherwise, 0.1 + 0.2 would be more than 0.3, and overlap with the next row. */
function addSec(startSec: number, lastSec: number): number {
  return Number((startSec + lastSec).toFixed(9));
}
