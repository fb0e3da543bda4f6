import type { Span } from '../../engines/stretches.ts';

/** For stretches of time in order: each call gives the further items that begin before the end of the next stretch. */
export function createTaker<T extends Span>(inOrder: readonly T[]): (untilSec: number) => readonly T[] {
  let next = 0;
  return (untilSec) => {
    const first = next;
    while ((inOrder[next]?.startSec ?? Number.POSITIVE_INFINITY) < untilSec) next++;
    return inOrder.slice(first, next);
  };
}
