import type { Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { type Interval, linesOf } from './tiers.ts';

/**
 * Gives ends to intervals with a label that end where they begin, or before: such an interval lasts until another one
 * begins, and the last one until the end of the audio. If neither is later, the interval stays unchanged, and the check
 * of the tiers reports it.
 * @param intervals - of all speakers, sorted by their starts
 * @param noun - what the format calls an interval, in the plural
 * @param audioSec - duration of the recording; null: not known
 * @param warn - gets one warning with the number of such intervals, at the place of the first
 */
export function setMissingEnds<Of extends Interval>(
  intervals: readonly Of[],
  file: string,
  noun: string,
  audioSec: number | null,
  warn: (warning: Warning) => void,
): readonly Of[] {
  if (intervals.every((one) => !lacksEnd(one))) return intervals;
  let first: Of | null = null;
  let count = 0;
  let nextSec = audioSec ?? 0;
  let sameSec = nextSec;
  const ended = intervals.toReversed().map((one) => {
    if (one.startSec < sameSec) nextSec = sameSec;
    sameSec = one.startSec;
    if (!lacksEnd(one) || nextSec <= one.startSec) return one;
    first = one;
    count += 1;
    return { ...one, endSec: nextSec };
  });
  if (first !== null) warn(endsWarning(first, count, file, noun));
  return ended.reverse();
}

function lacksEnd({ startSec, endSec, text }: Interval): boolean {
  return endSec <= startSec && text !== '';
}

function endsWarning(first: Interval, count: number, file: string, noun: string): Warning {
  const found = `from here on, ${noun} that end where they begin, or before: ${count}; each is read as lasting until the next begins: check their times`;
  return findingAt('W_TRANSCRIPT_READ', { file, ...linesOf(first), timeSec: first.startSec }, found);
}
