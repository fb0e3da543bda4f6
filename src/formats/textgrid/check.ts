import type { ErrorCode, Fault } from '../../base/errors.ts';
import { findingAt, formatPlace } from '../../base/finding.ts';
import type { Interval, IntervalTier, TextGrid } from './model.ts';

/**
 * Boundaries that differ by no more than this are the same boundary: programs that write milliseconds round both
 * sides of it on their own.
 */
export const BOUNDARY_TOLERANCE_SEC = 0.0005;
/** A label may end so much after the sound before the sound counts as too short. */
const AUDIO_TOLERANCE_SEC = 0.1;
/** A tier cut for another recording has a fault in each interval: nobody reads thousands of them. */
const MAX_FAULTS_PER_TIER = 100;

export interface TierCheckOptions {
  /** The user's name of the file. */
  readonly file: string;
  readonly audioDurationSec: number;
}

/**
 * Everything that keeps a tier from being aligned: overlaps (E_TEXTGRID_OVERLAP), intervals out of order, reversed,
 * before 0 or labelled but without length (E_TEXTGRID_TIME), and labels past the end of the sound
 * (E_AUDIO_TOO_SHORT, once per tier). Gaps and empty intervals without length do no harm.
 * @returns at most 100 faults; the last then says how many there are
 */
export function findTierFaults(tier: IntervalTier, options: TierCheckOptions): Fault[] {
  const faults: Fault[] = [];
  let faultCount = 0;
  const report = (found: FoundFault | null): void => {
    if (found === null) return;
    faultCount++;
    if (faults.length < MAX_FAULTS_PER_TIER) faults.push(intervalFault(found, tier, options.file));
  };
  /** Index of the interval that reaches furthest so far: the next may begin where it ends. */
  let furthest = -1;
  for (const [index, interval] of tier.intervals.entries()) {
    report(findTimeFault(interval, index) ?? findOrderFault(tier, index, furthest));
    const reachedSec = tier.intervals[furthest]?.endSec ?? Number.NEGATIVE_INFINITY;
    if (interval.endSec > interval.startSec && interval.endSec > reachedSec) furthest = index;
  }
  report(findAudioTooShort(tier, options));
  return summed(faults, faultCount, tier, options.file);
}

interface FoundFault {
  readonly code: ErrorCode;
  readonly index: number;
  /** What was expected, what was found, the mend. */
  readonly text: string;
}

function findTimeFault(interval: Interval, index: number): FoundFault | null {
  const { startSec, endSec } = interval;
  const fault = (text: string): FoundFault => ({ code: 'E_TEXTGRID_TIME', index, text });
  if (endSec < startSec) {
    return fault(
      `expected it to end after its start ${sec(startSec)}, found the end ${sec(endSec)}; set the right times`,
    );
  }
  if (endSec === startSec && isLabelled(interval)) {
    return fault(
      `expected a labelled interval to last some time, found start and end at ${sec(startSec)}; widen or remove it`,
    );
  }
  if (startSec < -BOUNDARY_TOLERANCE_SEC && isLabelled(interval)) {
    return fault(
      `expected it to start at 0 s or later, found ${sec(startSec)}; shift the times so that the sound begins at 0 s`,
    );
  }
  return null;
}

function findOrderFault(tier: IntervalTier, index: number, furthest: number): FoundFault | null {
  const interval = tier.intervals[index];
  const before = tier.intervals[furthest];
  if (interval === undefined || before === undefined) return null;
  if (interval.endSec === interval.startSec) return null;
  if (interval.startSec >= before.endSec - BOUNDARY_TOLERANCE_SEC) return null;
  const other = `${formatPlace({ interval: furthest + 1 })} (${span(before)})`;
  if (interval.startSec < before.startSec) {
    const text = `expected it to start after ${other}, found ${span(interval)}; put the intervals in time order`;
    return { code: 'E_TEXTGRID_TIME', index, text };
  }
  const text =
    `expected it to start at or after the end ${sec(before.endSec)} of ${other}, found ${span(interval)}; ` +
    'move the boundary, or put one of the two on another tier';
  return { code: 'E_TEXTGRID_OVERLAP', index, text };
}

function findAudioTooShort(tier: IntervalTier, { audioDurationSec }: TierCheckOptions): FoundFault | null {
  const isPast = (interval: Interval): boolean =>
    isLabelled(interval) && interval.endSec > audioDurationSec + AUDIO_TOLERANCE_SEC;
  const past = tier.intervals.filter(isPast);
  if (past.length === 0) return null;
  const lastEndSec = past.reduce((end, interval) => Math.max(end, interval.endSec), 0);
  const hint =
    tier.startSec > 0 && lastEndSec - tier.startSec <= audioDurationSec + AUDIO_TOLERANCE_SEC
      ? `the times begin at ${sec(tier.startSec)}, as in a part cut out with its times preserved: shift them to 0 s`
      : 'the sound may be cut short, or belong to another transcript';
  const text =
    `expected sound up to ${sec(lastEndSec)}, where the last label ends, found ${sec(audioDurationSec)} of sound ` +
    `(labelled intervals past its end: ${past.length}); ${hint}`;
  return { code: 'E_AUDIO_TOO_SHORT', index: tier.intervals.findIndex(isPast), text };
}

/**
 * Whether a TextGrid of our own making is fit to be delivered: from 0 to the duration of the sound, every interval
 * tier covering it without gap, overlap or interval without length.
 * @returns faults with E_OUTPUT_INVALID, the first of each tier
 */
export function findOutputFaults(grid: TextGrid, durationSec: number, file: string): Fault[] {
  const faults: Fault[] = [];
  if (grid.startSec !== 0 || Math.abs(grid.endSec - durationSec) > BOUNDARY_TOLERANCE_SEC) {
    const text = `expected a TextGrid from 0 s to ${sec(durationSec)}, found ${span(grid)}`;
    faults.push(findingAt('E_OUTPUT_INVALID', { file }, text));
  }
  for (const tier of grid.tiers) {
    const gap = tier.kind === 'interval' ? findGap(tier, grid) : null;
    if (gap !== null && tier.kind === 'interval') {
      faults.push(intervalFault({ code: 'E_OUTPUT_INVALID', ...gap }, tier, file));
    }
  }
  return faults;
}

/** The first place where a tier does not cover the time from start to end exactly once; null: it does. */
export function findGap(
  tier: IntervalTier,
  range: { readonly startSec: number; readonly endSec: number },
): { readonly index: number; readonly text: string } | null {
  let expectedSec = range.startSec;
  for (const [index, { startSec, endSec }] of tier.intervals.entries()) {
    if (startSec !== expectedSec) {
      return { index, text: `expected start ${sec(expectedSec)}, found start ${sec(startSec)}` };
    }
    if (!(endSec > startSec)) {
      return { index, text: `expected an end after its start ${sec(startSec)}, found end ${sec(endSec)}` };
    }
    expectedSec = endSec;
  }
  const last = Math.max(0, tier.intervals.length - 1);
  if (tier.intervals.length === 0) return { index: last, text: 'expected intervals, found none' };
  if (expectedSec !== range.endSec) {
    return { index: last, text: `expected end ${sec(range.endSec)}, found end ${sec(expectedSec)}` };
  }
  const isSameRange = tier.startSec === range.startSec && tier.endSec === range.endSec;
  return isSameRange ? null : { index: 0, text: `expected a tier of ${span(range)}, found ${span(tier)}` };
}

function intervalFault({ code, index, text }: FoundFault, tier: IntervalTier, file: string): Fault {
  const timeSec = tier.intervals[index]?.startSec;
  const place = { file, tier: tier.name, interval: index + 1 };
  return findingAt(code, timeSec === undefined ? place : { ...place, timeSec }, text);
}

function summed(faults: Fault[], faultCount: number, tier: IntervalTier, file: string): Fault[] {
  const last = faults.at(-1);
  if (last === undefined || faultCount <= MAX_FAULTS_PER_TIER) return faults;
  const text = `${faultCount} intervals are wrong, the first ${MAX_FAULTS_PER_TIER - 1} are named`;
  return [...faults.slice(0, -1), findingAt(last.code, { file, tier: tier.name }, text)];
}

function isLabelled(interval: Interval): boolean {
  return interval.text.trim() !== '';
}

function span(range: { readonly startSec: number; readonly endSec: number }): string {
  return `${range.startSec} to ${sec(range.endSec)}`;
}

function sec(seconds: number): string {
  return `${seconds} s`;
}
