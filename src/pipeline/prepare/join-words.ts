import type { Interval, IntervalTier } from '../../formats/tiers.ts';

/** A silence that lasts so long ends an utterance. */
const PAUSE_SEC = 0.3;
/** Longer utterances cost aligners more than they gain by them. */
const MAX_UTTERANCE_SEC = 20;

/**
 * A tier with one interval for each word as one with an interval for each stretch of speech between pauses, which is
 * what aligners want: the words' own boundaries would bind them, and most words are too short to be aligned alone.
 * @param isSilence - whether a label says that there is no speech
 * @returns the tier as it is when its intervals overlap or have impossible times: then these are to be told
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
