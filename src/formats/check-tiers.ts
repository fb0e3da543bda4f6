import type { ErrorCode, Fault } from '../base/errors.ts';
import { findingAt, formatPlace } from '../base/finding.ts';
import {
  BOUNDARY_TOLERANCE_SEC,
  formatSec,
  formatSpan,
  type Interval,
  type IntervalTier,
  placeOf,
} from './tiers.ts';

/** If a label ends more than this after the end of the audio, the audio is too short. */
const AUDIO_TOLERANCE_SEC = 0.1;
/** How many faults of a tier are reported: a tier of another recording has a fault in each interval. */
const MAX_FAULTS_PER_TIER = 100;

export interface TierCheckOptions {
  /** The user's name of the file. */
  readonly file: string;
  readonly audioDurationSec: number;
}

/**
 * Finds everything that keeps a tier from being aligned: overlaps (E_TRANSCRIPT_OVERLAP), intervals out of order,
 * reversed, before 0 or labelled but without length (E_TRANSCRIPT_TIME), and labels past the end of the audio
 * (E_AUDIO_TOO_SHORT, once per tier). Gaps and empty intervals without length do no harm.
 * @returns at most 100 faults; if there are more, the last one says how many
 */
export function findTierFaults(tier: IntervalTier, options: TierCheckOptions): Fault[] {
  const faults: Fault[] = [];
  let faultCount = 0;
  const report = (found: FoundFault | null): void => {
    if (found === null) return;
    faultCount++;
    if (faults.length < MAX_FAULTS_PER_TIER) faults.push(toFault(found, tier, options.file));
  };
  /** Index of the interval with the latest end so far: the next one may begin there. */
  let furthest = -1;
  for (const [index, interval] of tier.intervals.entries()) {
    report(findTimeFault(interval, index) ?? findOrderFault(tier, index, furthest));
    const reachedSec = tier.intervals[furthest]?.endSec ?? Number.NEGATIVE_INFINITY;
    if (interval.endSec > interval.startSec && interval.endSec > reachedSec) furthest = index;
  }
  report(findAudioTooShort(tier, options));
  return withCount(faults, faultCount, tier, options.file);
}

interface FoundFault {
  readonly code: ErrorCode;
  readonly index: number;
  /** What was expected, what was found, and the fix. */
  readonly text: string;
}

function findTimeFault(interval: Interval, index: number): FoundFault | null {
  const { startSec, endSec } = interval;
  const fault = (text: string): FoundFault => ({ code: 'E_TRANSCRIPT_TIME', index, text });
  if (endSec < startSec) {
    return fault(
      `expected it to end after its start ${formatSec(startSec)}, found the end ${formatSec(endSec)}; correct the times`,
    );
  }
  if (endSec === startSec && isLabelled(interval)) {
    return fault(
      `expected a labelled interval to last some time, found start and end at ${formatSec(startSec)}; widen or remove it`,
    );
  }
  if (startSec < -BOUNDARY_TOLERANCE_SEC && isLabelled(interval)) {
    return fault(
      `expected it to start at 0 s or later, found ${formatSec(startSec)}; shift the times so that the audio begins at 0 s`,
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
  const place = before.line === undefined ? { interval: furthest + 1 } : { line: before.line };
  const other = `${formatPlace(place)} (${formatSpan(before)})`;
  if (interval.startSec < before.startSec) {
    const text = `expected it to start after ${other}, found ${formatSpan(interval)}; put the intervals in time order`;
    return { code: 'E_TRANSCRIPT_TIME', index, text };
  }
  const text =
    `expected it to start at or after the end ${formatSec(before.endSec)} of ${other}, found ${formatSpan(interval)}; ` +
    'move the boundary, or put one of the two on another tier';
  return { code: 'E_TRANSCRIPT_OVERLAP', index, text };
}

function findAudioTooShort(tier: IntervalTier, { audioDurationSec }: TierCheckOptions): FoundFault | null {
  const isPast = (interval: Interval): boolean =>
    isLabelled(interval) && interval.endSec > audioDurationSec + AUDIO_TOLERANCE_SEC;
  const past = tier.intervals.filter(isPast);
  if (past.length === 0) return null;
  const lastEndSec = past.reduce((end, interval) => Math.max(end, interval.endSec), 0);
  const hint =
    tier.startSec > 0 && lastEndSec - tier.startSec <= audioDurationSec + AUDIO_TOLERANCE_SEC
      ? `the times begin at ${formatSec(tier.startSec)}, as in a part cut out with its times preserved: shift them to 0 s`
      : 'the audio may be cut short, or belong to another transcript';
  const text =
    `expected audio up to ${formatSec(lastEndSec)}, where the last label ends, found ${formatSec(audioDurationSec)} of audio ` +
    `(labelled intervals past its end: ${past.length}); ${hint}`;
  return { code: 'E_AUDIO_TOO_SHORT', index: tier.intervals.findIndex(isPast), text };
}

function toFault({ code, index, text }: FoundFault, tier: IntervalTier, file: string): Fault {
  return findingAt(code, placeOf(file, tier, index), text);
}

/** If there are more faults than are reported, the last one is replaced by their number. */
function withCount(faults: Fault[], faultCount: number, tier: IntervalTier, file: string): Fault[] {
  const last = faults.at(-1);
  if (last === undefined || faultCount <= MAX_FAULTS_PER_TIER) return faults;
  const text = `${faultCount} intervals are wrong, the first ${MAX_FAULTS_PER_TIER - 1} are named`;
  return [...faults.slice(0, -1), findingAt(last.code, { file, tier: tier.name }, text)];
}

function isLabelled(interval: Interval): boolean {
  return interval.text.trim() !== '';
}
