/** Summary of a set of boundary errors. Errors are absolute, in milliseconds. */
export interface Figures {
  /** Number of boundaries that were compared. */
  readonly boundaryCount: number;
  /** Boundaries of the reference that have no counterpart in the result. They count as outside every limit. */
  readonly missingCount: number;
  readonly meanMs: number;
  readonly medianMs: number;
  /** Shares of all boundaries, including the missing ones, from 0 to 1. */
  readonly within20Ms: number;
  readonly within50Ms: number;
  readonly within100Ms: number;
}

/** Mean and median of the boundaries that were compared; NaN if there are none. */
export function figuresOf(errorsMs: readonly number[], missingCount: number): Figures {
  const share = (limitMs: number): number =>
    errorsMs.filter((errorMs) => errorMs <= limitMs).length / (errorsMs.length + missingCount);
  return {
    boundaryCount: errorsMs.length,
    missingCount,
    meanMs: errorsMs.reduce((sum, errorMs) => sum + errorMs, 0) / errorsMs.length,
    medianMs: median(errorsMs),
    within20Ms: share(20),
    within50Ms: share(50),
    within100Ms: share(100),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
