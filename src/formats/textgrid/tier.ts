import type { Interval, IntervalTier, Point, PointTier } from '../tiers.ts';

/** An interval tier as Praat has it after reading: in time order, with one empty interval where there is none. */
export function toIntervalTier(
  tier: Omit<IntervalTier, 'kind' | 'intervals'>,
  intervals: Interval[],
): IntervalTier {
  if (intervals.length === 0) intervals.push({ startSec: tier.startSec, endSec: tier.endSec, text: '' });
  sortByTime(intervals, (interval) => interval.startSec);
  return { kind: 'interval', ...tier, intervals };
}

/** A point tier as Praat has it after reading: in time order. */
export function toPointTier(tier: Omit<PointTier, 'kind' | 'points'>, points: Point[]): PointTier {
  sortByTime(points, (point) => point.timeSec);
  return { kind: 'point', ...tier, points };
}

/** Stable, so that equal times stay in the order of the file. */
function sortByTime<Item>(items: Item[], timeOf: (item: Item) => number): void {
  items.sort((a, b) => timeOf(a) - timeOf(b));
}
