const FULL = '█';
const EMPTY = '░';

/** `██████░░░░  60 %` */
export function formatBar(share: number, width: number): string {
  const inside = Math.min(1, Math.max(0, share));
  const full = Math.round(inside * width);
  return `${FULL.repeat(full)}${EMPTY.repeat(width - full)} ${formatPercent(inside).padStart(5)}`;
}

/** Columns of the percentage after a bar. */
export const PERCENT_WIDTH = ' 100 %'.length;

/** Rounded down, so that 100 % means that all is done. */
export function formatPercent(share: number): string {
  return `${Math.floor(share * 100 + 1e-6)} %`;
}
