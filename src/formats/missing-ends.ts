import type { Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { type Interval, linesOf } from './tiers.ts';

/**
 * Intervals that end where they begin, or before, last until another begins; the last until the audio ends. One for which
 * neither is known stays as it is, for the check of the tiers.
 * @param intervals - of all speakers, by their starts
 * @param noun - what the format calls an interval, in the plural
 * @param warn - takes how many there are, at the first
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
  if (first !== null) warn(ofEnds(first, count, file, noun));
  return ended.reverse();
}

function lacksEnd({ startSec, endSec, text }: Interval): boolean {
  return endSec <= startSec && text !== '';
}

function ofEnds(first: Interval, count: number, file: string, noun: string): Warning {
  const found = `from here on, ${noun} that end where they begin, or before: ${count}; each lasts until the next begins: check its times`;
  return findingAt('W_TRANSCRIPT_READ', { file, ...linesOf(first), timeSec: first.startSec }, found);
}
