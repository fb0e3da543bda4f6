/** Where the database has no forecast: an estimate from a smaller share, or earlier, would only be a guess. */
const MIN_SHARE = 0.05;
const MIN_ELAPSED_SEC = 1;

/** Seconds left if the rest is as fast as the part that is done; null: too early for an estimate. */
export function estimateLeftSec(share: number, elapsedSec: number): number | null {
  if (share < MIN_SHARE || share >= 1 || elapsedSec < MIN_ELAPSED_SEC) return null;
  return (elapsedSec / share) * (1 - share);
}
