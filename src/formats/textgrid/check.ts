import type { Fault } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { BOUNDARY_TOLERANCE_SEC, formatSec, formatSpan, type IntervalTier, placeOf } from '../tiers.ts';
import type { TextGrid } from './model.ts';

/**
 * Checks a TextGrid of a result: it must last from 0 s to the end of the audio, and each interval tier must cover this
 * time without gaps, overlaps and intervals without length.
 * @param durationSec - of the audio; half a millisecond of difference is allowed
 * @returns faults E_OUTPUT_INVALID: at most one about the whole TextGrid, and the first of each tier
 */
export function findOutputFaults(grid: TextGrid, durationSec: number, file: string): Fault[] {
  const faults: Fault[] = [];
  if (grid.startSec !== 0 || Math.abs(grid.endSec - durationSec) > BOUNDARY_TOLERANCE_SEC) {
    const text = `expected a TextGrid from 0 s to ${formatSec(durationSec)}, found ${formatSpan(grid)}`;
    faults.push(findingAt('E_OUTPUT_INVALID', { file }, text));
  }
  for (const tier of grid.tiers) {
    const gap = tier.kind === 'interval' ? findGap(tier, grid) : null;
    if (gap !== null && tier.kind === 'interval') {
      faults.push(findingAt('E_OUTPUT_INVALID', placeOf(file, tier, gap.index), gap.text));
    }
  }
  return faults;
}

/**
 * Finds the first place where a tier does not cover a range exactly once.
 * @returns the index of the interval, from 0, and what was expected and found; null: there is no such place
 */
export function findGap(
  tier: IntervalTier,
  range: { readonly startSec: number; readonly endSec: number },
): { readonly index: number; readonly text: string } | null {
  let expectedSec = range.startSec;
  for (const [index, { startSec, endSec }] of tier.intervals.entries()) {
    if (startSec !== expectedSec) {
      return { index, text: `expected start ${formatSec(expectedSec)}, found start ${formatSec(startSec)}` };
    }
    if (!(endSec > startSec)) {
      const text = `expected an end after its start ${formatSec(startSec)}, found end ${formatSec(endSec)}`;
      return { index, text };
    }
    expectedSec = endSec;
  }
  const last = Math.max(0, tier.intervals.length - 1);
  if (tier.intervals.length === 0) return { index: last, text: 'expected intervals, found none' };
  if (expectedSec !== range.endSec) {
    const text = `expected end ${formatSec(range.endSec)}, found end ${formatSec(expectedSec)}`;
    return { index: last, text };
  }
  const isSameRange = tier.startSec === range.startSec && tier.endSec === range.endSec;
  const text = `expected a tier of ${formatSpan(range)}, found ${formatSpan(tier)}`;
  return isSameRange ? null : { index: 0, text };
}
