import type { Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { toLanes } from './lanes.ts';
import { type Interval, linesOf } from './tiers.ts';

/** A tier with one voice, or with some of the intervals of a voice that overlap. */
export interface LaneTier<Of extends Interval> {
  readonly name: string;
  readonly intervals: readonly Of[];
}

/**
 * Makes a tier for each voice, and further tiers for intervals of a voice that overlap: `Anna`, then `Anna 2`.
 * @param voices - the intervals of each voice, sorted by their starts
 * @param noun - what the format calls an interval, in the plural
 * @param warn - gets warnings about intervals that were moved or cut
 */
export function laneTiers<Of extends Interval>(
  voices: ReadonlyMap<string, readonly Of[]>,
  file: string,
  noun: string,
  warn: (warning: Warning) => void,
): LaneTier<Of>[] {
  const tiers = new Map<string, readonly Of[]>();
  for (const [name, intervals] of voices) {
    const { lanes, cutCount, firstMoved } = toLanes(intervals);
    for (const [at, lane] of lanes.entries()) tiers.set(freeName(name, at, voices), lane);
    const tell = (place: object, found: string) =>
      warn(findingAt('W_TRANSCRIPT_READ', { file, ...place }, found));
    if (cutCount > 0)
      tell(
        { tier: name },
        `${noun} that last into the next one: ${cutCount}; each is read up to the start of the next: check their times`,
      );
    if (firstMoved !== null) {
      const found = `from here on, some ${noun} overlap with earlier ones: they are on a further tier, as if another speaker said them`;
      tell({ ...linesOf(firstMoved), timeSec: firstMoved.startSec }, found);
    }
  }
  return [...tiers].map(([name, intervals]) => ({ name, intervals }));
}

/** The name of a lane: `Anna`, then `Anna 2`. No voice has the name of a further lane. */
function freeName(name: string, lane: number, voices: ReadonlyMap<string, unknown>): string {
  if (lane === 0) return name;
  let free = `${name} ${lane + 1}`;
  while (voices.has(free)) free += "'";
  return free;
}
