import { upperMedian } from '../../base/upper-median.ts';
import type { Anchor } from './anchors.ts';
import type { Beam } from './decoder.ts';

/** How well words fit the audio, as `ReadWords` has it. */
export interface Fit {
  readonly score: number;
  readonly worstScore: number;
  readonly beam: Beam;
}

/**
 * Below these, the words may not be what is said; far below, they are not. Measured on synthetic speech, clean and with
 * noise down to 5 dB. Right texts gave means from -0.0035 (narrow) and -0.004 (wide) in English, -0.0053 and -0.0068
 * in French; texts of other sentences at best -0.0054 (mostly there is no narrow path) and -0.0056, noise -0.0051.
 * The two overlap, so what lies between is given back with a doubt: a wrong text has to be looked at by its author
 * anyhow, while a right one that was thrown away is work lost.
 */
const DOUBT_SCORE: Readonly<Record<Beam, number>> = { narrow: -0.0053, wide: -0.0046 };
export const MIN_SCORE = -0.008;
/** The same for the worst word: words that are not said at the end of a right text, say, half of which are below. */
const DOUBT_WORD_SCORE: Readonly<Record<Beam, number>> = { narrow: -0.013, wide: -0.011 };
/** Words in a gap may fit this factor worse than those around it. */
const GAP_FACTOR = 2;

/**
 * Words in a row that fit much worse than the others, or badly: there the text may be another one. Of right texts of the
 * samples, clean and with noise at 10 dB, five words were mostly less than 2 times as bad as the median; where a sentence
 * was missing from the text, some reached DOUBT_SCORE.
 */
const ROW_LENGTH = 5;
const ROW_FACTOR = 2.5;

/** @param scores - of words in the order of the text; null: of an unknown word */
export function hasBadRow(scores: readonly (number | null)[]): boolean {
  const known = scores.filter((score) => score !== null);
  const limit = ROW_LENGTH * Math.max(ROW_FACTOR * upperMedian(known), DOUBT_SCORE.narrow);
  let sum = 0;
  return known.some((score, at) => {
    sum += score - (known[at - ROW_LENGTH] ?? 0);
    return at >= ROW_LENGTH - 1 && sum < limit;
  });
}

export function isDoubtful({ score, worstScore, beam }: Fit): boolean {
  return score < DOUBT_SCORE[beam] || worstScore < DOUBT_WORD_SCORE[beam];
}

/** Words of a gap are doubtful as others are, unless those around it fit as badly: noise, or an unusual voice. */
export function isSaidInGap(fit: Fit, minScore: number): boolean {
  return !isDoubtful(fit) || (minScore < DOUBT_SCORE[fit.beam] && fit.score >= minScore);
}

/** Whether words of a gap that are found only by a wide beam can pass. */
export function canBeWide(minScore: number): boolean {
  return minScore < DOUBT_SCORE.wide;
}

/** The least score for the words between anchors. */
export function gapMinScore(anchors: readonly Anchor[]): number {
  const median = upperMedian(anchors.map(({ score }) => score));
  return Math.max(MIN_SCORE, GAP_FACTOR * median);
}
