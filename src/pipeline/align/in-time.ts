import type { Span } from '../../engines/stretches.ts';

/** Hands out what begins before the end of one stretch of time after another; both in time order, in one pass. */
export function createTaker<T extends Span>(inOrder: readonly T[]): (untilSec: number) => readonly T[] {
  let next = 0;
  return (untilSec) => {
    const first = next;
    while ((inOrder[next]?.startSec ?? Number.POSITIVE_INFINITY) < untilSec) next++;
    return inOrder.slice(first, next);
  };
}
