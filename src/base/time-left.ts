/** Without what the database has learned. Before that, an estimate would only be a guess. */
const MIN_SHARE = 0.05;
const MIN_ELAPSED_SEC = 1;

/** Seconds left when the rest goes as fast as what is done; null: too early to say. */
export function estimateLeftSec(share: number, elapsedSec: number): number | null {
  if (share < MIN_SHARE || share >= 1 || elapsedSec < MIN_ELAPSED_SEC) return null;
  return (elapsedSec / share) * (1 - share);
}
