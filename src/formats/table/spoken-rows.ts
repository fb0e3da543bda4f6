import { type MalformedLines, quoteFound } from '../malformed.ts';
import type { Column, Columns, Role } from './columns.ts';
import type { Row } from './row.ts';
import { EXPECTED_TIME, isWholeNumber, readTime } from './times.ts';

/** What a row says. */
export interface SpokenRow {
  readonly line: number;
  /** As the table names the recording; empty: it has no such column. */
  readonly recording: string;
  /** Name of the tier; empty: it has no such column. */
  readonly tier: string;
  readonly speaker: string;
  /** Null: it has no times; the end alone: it lasts up to the next. */
  readonly startSec: number | null;
  readonly endSec: number | null;
  /** Whether its times are whole numbers without a unit. */
  readonly isWhole: boolean;
  readonly text: string;
  /** Of a phone: its word. */
  readonly word: string | null;
  readonly wordNumber: string;
}

/** Reads the rows of a table by its columns. */
export class RowReader {
  readonly #columns: Columns;
  readonly #faults: MalformedLines;

  /** @param faults - takes what is wrong with the rows */
  constructor(columns: Columns, faults: MalformedLines) {
    this.#columns = columns;
    this.#faults = faults;
  }

  /** @returns null: nothing is said in it, or it has a fault */
  read(row: Row): SpokenRow | null {
    const { byRole, width } = this.#columns;
    const extra = row.cells.findIndex((cell, index) => index >= width && cell.trim() !== '');
    if (extra >= 0) {
      const text =
        `expected ${width} cells as in the first row, found ${row.cells.length}; ` +
        'put quotes around a text that has the character in it which separates cells';
      this.#faults.add({ line: row.line, column: extra + 1 }, text);
      return null;
    }
    const cell = (role: Role) => cellOf(row, byRole[role]);
    const text = cellOf(row, byRole.phone ?? byRole.text);
    const recording = cell('file').trim();
    if (byRole.file !== undefined && recording === '') {
      const message = 'expected the name of a recording, found an empty cell; write the name in every row';
      this.#faults.add({ line: row.line, column: byRole.file.index + 1 }, message);
      return null;
    }
    const times = byRole.begin === undefined ? UNTIMED : this.#readTimes(row, byRole.begin);
    if (times === null) return null;
    const kind = cell('kind').trim();
    return {
      line: row.line,
      recording,
      tier: kind === '' ? cell('tier').trim() : kind,
      speaker: cell('speaker').trim(),
      ...times,
      text,
      word: byRole.word === undefined ? null : cell('word'),
      wordNumber: cell('wordNumber').trim(),
    };
  }

  #readTimes(row: Row, begin: Column): Times | null {
    const { end, duration } = this.#columns.byRole;
    const startSec = this.#readTime(row, begin);
    const last = end ?? duration;
    if (last === undefined) return startSec === null ? null : { startSec, endSec: null, isWhole: false };
    const lastSec = this.#readTime(row, last);
    if (startSec === null || lastSec === null) return null;
    const isWhole = [begin, last].every(
      (one) => one.unit === 'plain' && isWholeNumber(cellOf(row, one).trim()),
    );
    return { startSec, endSec: end === undefined ? addSec(startSec, lastSec) : lastSec, isWhole };
  }

  #readTime(row: Row, column: Column): number | null {
    const content = cellOf(row, column).trim();
    const time = readTime(content, column.unit);
    if (time !== null) return time;
    const found = content === '' ? 'an empty cell' : quoteFound(content);
    this.#faults.add(
      { line: row.line, column: column.index + 1 },
      `${EXPECTED_TIME} under ${quoteFound(column.header)}, found ${found}; correct it`,
    );
    return null;
  }
}

type Times = Pick<SpokenRow, 'startSec' | 'endSec' | 'isWhole'>;
const UNTIMED: Times = { startSec: null, endSec: null, isWhole: false };

function cellOf({ cells }: Row, column: Column | undefined): string {
  return column === undefined ? '' : (cells[column.index] ?? '');
}

/** Without the error of adding binary numbers, which would make 0.1 + 0.2 overlap with 0.3. */
function addSec(startSec: number, lastSec: number): number {
  return Number((startSec + lastSec).toFixed(9));
}
