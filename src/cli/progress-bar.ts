const FULL = '█';
const EMPTY = '░';
/** Before that, an estimate would only be a guess. */
const MIN_SHARE = 0.05;
const MIN_ELAPSED_SEC = 1;

/** `██████░░░░  60 %` */
export function formatBar(share: number, width: number): string {
  const inside = Math.min(1, Math.max(0, share));
  const full = Math.round(inside * width);
  return `${FULL.repeat(full)}${EMPTY.repeat(width - full)} ${formatPercent(inside).padStart(5)}`;
}

/** Columns that the percentage behind a bar takes. */
export const PERCENT_WIDTH = ' 100 %'.length;

/** Rounded down: 100 % is said of what is done. */
export function formatPercent(share: number): string {
  return `${Math.floor(share * 100 + 1e-6)} %`;
}

/** Seconds left when the rest goes as fast as what is done; null: too early to say. */
export function estimateLeftSec(share: number, elapsedSec: number): number | null {
  if (share < MIN_SHARE || share >= 1 || elapsedSec < MIN_ELAPSED_SEC) return null;
  return (elapsedSec / share) * (1 - share);
}
