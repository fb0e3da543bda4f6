import type { Interval, IntervalTier } from '../../formats/tiers.ts';

/** A silence of this length ends an utterance. */
const PAUSE_SEC = 0.3;
/** Longer utterances take aligners more time, and give nothing. */
const MAX_UTTERANCE_SEC = 20;

/**
 * Turns a tier with an interval for each word into one with an interval for each stretch of speech between pauses: an aligner
 * should not be bound to the old boundaries, and most words are too short to be aligned alone.
 * @param isSilence - whether a label says that there is no speech
 * @returns the tier as it is if its intervals overlap or have impossible times, which are then reported
 */
export function joinWords(tier: IntervalTier, isSilence: (label: string) => boolean): IntervalTier {
  const joined: Interval[] = [];
  let reachedSec = Number.NEGATIVE_INFINITY;
  for (const { startSec, endSec, text } of tier.intervals) {
    if (endSec < startSec || startSec < reachedSec) return tier;
    reachedSec = endSec;
    if (isSilence(text)) continue;
    const last = joined.at(-1);
    const isNear = last !== undefined && startSec - last.endSec < PAUSE_SEC;
    if (isNear && endSec - last.startSec <= MAX_UTTERANCE_SEC) {
      joined[joined.length - 1] = { startSec: last.startSec, endSec, text: `${last.text} ${text.trim()}` };
    } else joined.push({ startSec, endSec, text: text.trim() });
  }
  return { ...tier, intervals: joined };
}
