/** A row of a table, whatever the format of its file. */
export interface Row {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  /** Text of its cells; cells after the last may be left out. */
  readonly cells: readonly string[];
}

/** Whether nothing stands in a row. */
export function isBlank({ cells }: Row): boolean {
  return cells.every((cell) => cell.trim() === '');
}
