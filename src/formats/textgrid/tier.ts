import type { Interval, IntervalTier, Point, PointTier } from '../tiers.ts';

/** Makes an interval tier as Praat does: sorts the intervals by time; if there are none, adds an empty one. */
export function toIntervalTier(
  tier: Omit<IntervalTier, 'kind' | 'intervals'>,
  intervals: Interval[],
): IntervalTier {
  if (intervals.length === 0) intervals.push({ startSec: tier.startSec, endSec: tier.endSec, text: '' });
  sortByTime(intervals, (interval) => interval.startSec);
  return { kind: 'interval', ...tier, intervals };
}

/** Makes a point tier as Praat does: sorts the points by time. */
export function toPointTier(tier: Omit<PointTier, 'kind' | 'points'>, points: Point[]): PointTier {
  sortByTime(points, (point) => point.timeSec);
  return { kind: 'point', ...tier, points };
}

/** Sorts by time. Items with equal times stay in the order of the file. */
function sortByTime<Item>(items: Item[], timeOf: (item: Item) => number): void {
  items.sort((a, b) => timeOf(a) - timeOf(b));
}
