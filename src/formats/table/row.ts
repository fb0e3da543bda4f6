/**
 * What is special about a cell of a spreadsheet: its content is a number, an error, a formula whose value is not stored, or that of
 * the first of several merged cells.
 */
export type CellKind = 'number' | 'error' | 'formula' | 'merged';

/** A row of a table, whatever the format of its file. */
export interface Row {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  /** Text of its cells; cells after the last, and empty ones between, may be left out. */
  readonly cells: readonly (string | undefined)[];
  /** By index. Not there: all are text. */
  readonly kinds?: ReadonlyMap<number, CellKind>;
}

/** Text of the cells of a row. */
export function textsOf({ cells }: Row): string[] {
  return Array.from(cells, (cell) => cell ?? '');
}

/** Whether nothing stands in a row. */
export function isBlank({ cells }: Row): boolean {
  return cells.every((cell) => cell === undefined || cell.trim() === '');
}

/** Name of a cell in a spreadsheet: `C7`. @param index - of its column, from 0 */
export function cellName(line: number, index: number): string {
  let letters = '';
  for (let left = index + 1; left > 0; left = Math.floor((left - 1) / 26))
    letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters;
  return `${letters}${line}`;
}
