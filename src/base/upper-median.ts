/** The number in the middle when all are sorted; of two in the middle, the larger one. 0 when there are none. */
export function upperMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
