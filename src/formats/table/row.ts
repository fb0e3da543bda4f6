/**
 * Kinds of cells of a spreadsheet that are not plain text: a number, an error, a formula whose value is not stored, or one of
 * several merged cells.
 */
export type CellKind = 'number' | 'error' | 'formula' | 'merged';

/** A row of a table, whatever the format of its file. */
export interface Row {
  /** The line where it begins in the file, from 1. */
  readonly line: number;
  /** The text of its cells. Empty cells may be undefined, or left out at the end. */
  readonly cells: readonly (string | undefined)[];
  /** By the index of the cell. Left out: all cells are text. */
  readonly kinds?: ReadonlyMap<number, CellKind>;
}

/** The text of all cells of a row. */
export function textsOf({ cells }: Row): string[] {
  return Array.from(cells, (cell) => cell ?? '');
}

/** Whether all cells of a row are blank. */
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
