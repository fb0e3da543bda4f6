import { displayWidth, pad, singleLine, truncate } from './terminal-text.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Gives way when the table is wider than the terminal; of several, the last one first. */
  readonly shrinks?: boolean;
}

const GAP = '  ';
const MIN_SHRUNK_WIDTH = 12;
const MIN_WIDTH = 4;

/**
 * Lines of a table that line up, a heading first.
 * @param rows - cells in the order of the columns; may hold styles
 * @param maxWidth - columns there are, such as `output.width`; null: as wide as it gets
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  maxWidth: number | null = null,
): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(singleLine))];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => displayWidth(row[index] ?? ''))));
  if (maxWidth !== null) shrink(columns, widths, maxWidth);
  return cells.map((row) =>
    columns
      .map(({ align = 'left' }, index) => {
        const width = widths[index] ?? 0;
        return pad(truncate(row[index] ?? '', width), width, align);
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** First the columns that are meant to give way, the last one first, then the widest of them, then whichever is the widest. */
function shrink(columns: readonly Column[], widths: number[], maxWidth: number): void {
  const total = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1);
  let excess = total - maxWidth;
  for (const [index, { shrinks = false }] of [...columns.entries()].reverse()) {
    const width = widths[index] ?? 0;
    if (!shrinks || excess <= 0) continue;
    const shrunk = Math.max(Math.min(width, MIN_SHRUNK_WIDTH), width - excess);
    excess -= width - shrunk;
    widths[index] = shrunk;
  }
  const shrinking = [...columns.keys()].filter((index) => columns[index]?.shrinks);
  shrinkWidest([...columns.keys()], widths, shrinkWidest(shrinking, widths, excess));
}

/** @returns columns that are still too many */
function shrinkWidest(indexes: readonly number[], widths: number[], excess: number): number {
  for (let left = excess; left > 0; left--) {
    const widest = indexes.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), indexes[0] ?? 0);
    if (indexes.length === 0 || (widths[widest] ?? 0) <= MIN_WIDTH) return left;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return 0;
}
