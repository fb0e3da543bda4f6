import { displayWidth, pad, singleLine, truncate, wrap } from './terminal-text.ts';

export interface ShownColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Whether it becomes narrower if the table is wider than the terminal; of several, the last one first. */
  readonly shrinks?: boolean;
}

const GAP = '  ';
const MIN_SHRUNK_WIDTH = 12;
const MIN_WIDTH = 4;

/**
 * The lines of a table with aligned columns. The heading has one line, or more if the table would be too wide.
 * @param rows - cells in the order of the columns; may hold styles
 * @param maxWidth - such as `output.width`; null: no limit
 */
export function formatTable(
  columns: readonly ShownColumn[],
  rows: readonly (readonly string[])[],
  maxWidth: number | null = null,
): string[] {
  const body = rows.map((row) => row.map(singleLine));
  const bodyWidths = columns.map((_, index) => widest(body.map((row) => row[index] ?? '')));
  const heading = breakHeading(columns, bodyWidths, maxWidth);
  const cells = [...heading, ...body];
  const widths = columns.map((_, index) => widest(cells.map((row) => row[index] ?? '')));
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

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(displayWidth));
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
}

/** @returns the rows of the heading: as few as let the table fit, at most one for each word of the longest title */
function breakHeading(
  columns: readonly ShownColumn[],
  bodyWidths: readonly number[],
  maxWidth: number | null,
): string[][] {
  const most = Math.max(1, ...columns.map(({ title }) => title.split(' ').length));
  for (let height = 1; ; height++) {
    const titles = columns.map(({ title }, index) => breakTitle(title, height, bodyWidths[index] ?? 0));
    const widths = titles.map((lines, index) => Math.max(widest(lines), bodyWidths[index] ?? 0));
    if (maxWidth === null || height === most || totalWidth(widths) <= maxWidth) {
      const used = Math.max(1, ...titles.map(({ length }) => length));
      return Array.from({ length: used }, (_, row) =>
        titles.map((lines) => lines[row - used + lines.length] ?? ''),
      );
    }
  }
}

/** @param bodyWidth - the cells below take this width anyway */
function breakTitle(title: string, mostLines: number, bodyWidth: number): string[] {
  for (let width = bodyWidth; ; width++) {
    const lines = wrap(title, width);
    if (lines.length <= mostLines) return lines;
  }
}

/** First each column with `shrinks`, the last one first, to 12; then the widest of these, then the widest of all, to 4. */
function shrink(columns: readonly ShownColumn[], widths: number[], maxWidth: number): void {
  let excess = totalWidth(widths) - maxWidth;
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

/** @returns by how much the table is still too wide */
function shrinkWidest(indexes: readonly number[], widths: number[], excess: number): number {
  for (let left = excess; left > 0; left--) {
    const index = indexes.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), indexes[0] ?? 0);
    if (indexes.length === 0 || (widths[index] ?? 0) <= MIN_WIDTH) return left;
    widths[index] = (widths[index] ?? 0) - 1;
  }
  return 0;
}
