import { BOUNDARY_TOLERANCE_SEC, type Interval } from './tiers.ts';

/**
 * If intervals of one speaker overlap by no more than this, the overlap is a mistake. Times are rounded, hence the
 * tolerance.
 */
const SLIP_SEC = 0.1 + BOUNDARY_TOLERANCE_SEC;
/**
 * If more intervals overlap at once, their times are wrong: the others stay on the first lane, where the check of the
 * tiers reports them.
 */
const MAX_LANES = 4;
/** Intervals that last into the next one are rolling if they are at least this many, and at least this share of all. */
const MIN_ROLLED = 2;
const MIN_ROLLED_SHARE = 0.5;

type Times = Pick<Interval, 'startSec' | 'endSec'>;

/** The result of `toLanes`. */
export interface Lanes<Of extends Interval> {
  /** Without overlap, except intervals with wrong times, which are on the first lane. */
  readonly lanes: readonly (readonly Of[])[];
  /** How many intervals now end where the next begins. */
  readonly cutCount: number;
  /** The first interval that is on a lane of its own because it overlaps with others. */
  readonly firstMoved: Of | null;
}

/**
 * Puts intervals that overlap on different lanes, as if two people spoke. The end of an interval is cut at the start of
 * the next one if the overlap is short, or if the intervals roll: most of them last into the next one, as in subtitles
 * of YouTube.
 * @param intervals - sorted by their starts
 */
export function toLanes<Of extends Interval>(intervals: readonly Of[]): Lanes<Of> {
  if (intervals.every((one, at) => follows(one, intervals[at - 1])))
    return { lanes: [intervals], cutCount: 0, firstMoved: null };
  const overlaps = intervals.map((one, at) => overlapSec(one, intervals[at + 1]));
  const longCount = overlaps.filter((sec) => sec > BOUNDARY_TOLERANCE_SEC).length;
  const isRolled = longCount >= MIN_ROLLED && longCount >= MIN_ROLLED_SHARE * (intervals.length - 1);
  const lanes: Of[][] = [[]];
  let cutCount = 0;
  let firstMoved: Of | null = null;
  for (const [at, given] of intervals.entries()) {
    const next = intervals[at + 1];
    const sec = overlaps[at] ?? 0;
    const isCut = next !== undefined && (isSlip(given, next) || (isRolled && sec > BOUNDARY_TOLERANCE_SEC));
    const interval = isCut ? { ...given, endSec: next.startSec } : given;
    if (isCut) cutCount += 1;
    const free = lanes.findIndex((lane) => isFree(lane, interval));
    const lane = free >= 0 ? free : lanes.length < MAX_LANES ? lanes.push([]) - 1 : 0;
    lanes[lane]?.push(interval);
    if (lane > 0) firstMoved ??= interval;
  }
  return { lanes, cutCount, firstMoved };
}

function follows({ startSec }: Interval, before: Interval | undefined): boolean {
  return before === undefined || (startSec >= before.endSec && before.endSec >= before.startSec);
}

/** Whether an interval lasts into the next one by so little that it is a mistake. */
export function isSlip(one: Times, next: Times): boolean {
  const sec = overlapSec(one, next);
  return sec > BOUNDARY_TOLERANCE_SEC && sec <= SLIP_SEC;
}

/** How long an interval lasts into the next one; 0 if they start together, or their times are wrong. */
function overlapSec(one: Times, next: Times | undefined): number {
  if (next === undefined || next.startSec <= one.startSec || next.endSec <= next.startSec) return 0;
  return Math.max(0, one.endSec - next.startSec);
}

function isFree(lane: readonly Interval[], { startSec, endSec }: Interval): boolean {
  const last = lane.at(-1);
  // An interval that is reversed or has no length stays on the first lane; the check of the tiers reports it.
  return last === undefined || endSec <= startSec || startSec >= last.endSec - BOUNDARY_TOLERANCE_SEC;
}
