import type { Row } from '../table/row.ts';

/** Cells of one column that a spreadsheet shows as one. */
export interface MergedCells {
  /** From 0. */
  readonly column: number;
  /** The first and the last row, from 1. */
  readonly fromLine: number;
  readonly toLine: number;
}

/** Copies the content of merged cells to all rows that they cover. The file has it only in the first row. */
export class MergedCellFiller {
  readonly #columns: Map<number, { readonly ranges: MergedCells[]; at: number; content: string }>;

  constructor(merged: readonly MergedCells[]) {
    this.#columns = new Map();
    for (const one of merged) {
      const column = this.#columns.get(one.column) ?? { ranges: [], at: 0, content: '' };
      this.#columns.set(one.column, column);
      column.ranges.push(one);
    }
    for (const { ranges } of this.#columns.values()) ranges.sort((a, b) => a.fromLine - b.fromLine);
  }

  /** Returns the row with the content of its merged cells. @param row - must come after the rows of earlier calls */
  fill(row: Row): Row {
    let filled: { readonly cells: (string | undefined)[]; readonly kinds: Map<number, 'merged'> } | null =
      null;
    for (const [index, column] of this.#columns) {
      while ((column.ranges[column.at]?.toLine ?? Number.POSITIVE_INFINITY) < row.line) {
        column.at += 1;
        column.content = '';
      }
      const range = column.ranges[column.at];
      if (range === undefined || range.fromLine > row.line) continue;
      if (range.fromLine === row.line) column.content = row.cells[index] ?? '';
      else if (column.content !== '') {
        filled ??= { cells: [...row.cells], kinds: new Map() };
        filled.cells[index] = column.content;
      }
      if (range.fromLine === row.line && column.content === '') continue;
      filled ??= { cells: [...row.cells], kinds: new Map() };
      filled.kinds.set(index, 'merged');
    }
    return filled === null
      ? row
      : { ...row, cells: filled.cells, kinds: new Map([...(row.kinds ?? []), ...filled.kinds]) };
  }
}
