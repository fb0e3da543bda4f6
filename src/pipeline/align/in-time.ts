import type { Span } from '../../engines/stretches.ts';

/** Gives for one stretch of time after another the items that begin before its end; both in time order, in one pass. */
export function createTaker<T extends Span>(inOrder: readonly T[]): (untilSec: number) => readonly T[] {
  let next = 0;
  return (untilSec) => {
    const first = next;
    while ((inOrder[next]?.startSec ?? Number.POSITIVE_INFINITY) < untilSec) next++;
    return inOrder.slice(first, next);
  };
}
