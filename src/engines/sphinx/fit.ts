import { upperMedian } from '../../base/upper-median.ts';
import type { Anchor } from './anchors.ts';
import type { Beam } from './decoder.ts';

/** How well words fit the audio; see `ReadWords`. */
export interface Fit {
  readonly score: number;
  readonly worstScore: number;
  readonly beam: Beam;
}

/**
 * With a lower mean score, it is doubtful whether the words are said; below MIN_SCORE they are not. Measured on synthetic speech,
 * clean and with noise down to 5 dB: right texts had means down to -0.0035 (narrow) and -0.004 (wide) in English, -0.0053 and
 * -0.0068 in French. Texts of other sentences had at best -0.0054 (usually there is no narrow path) and -0.0056; noise had
 * -0.0051. As the two ranges overlap, words with a score between the limits are returned with a doubt: its author has to look at
 * a wrong text in any case, but a right text would be lost.
 */
const DOUBT_SCORE: Readonly<Record<Beam, number>> = { narrow: -0.0053, wide: -0.0046 };
export const MIN_SCORE = -0.008;
/** The limit for the worst word. Half of the words that were added to the end of a right text were below it. */
const DOUBT_WORD_SCORE: Readonly<Record<Beam, number>> = { narrow: -0.013, wide: -0.011 };
/** How many times worse the words in a gap may fit than those around it. */
const GAP_FACTOR = 2;

/**
 * If so many words in a row fit badly, or much worse than the others, the text may be wrong there. In right texts of the samples,
 * clean and with noise at 10 dB, five words were usually less than 2 times as bad as the median. Where a sentence was missing
 * from the text, some reached DOUBT_SCORE.
 */
const ROW_LENGTH = 5;
const ROW_FACTOR = 2.5;

/** Whether some words in a row fit badly. @param scores - of words in the order of the text; null: of an unknown word */
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

/** Whether words of a gap are said: they are not doubtful, or the words around them fit as badly (noise, an unusual voice). */
export function isSaidInGap(fit: Fit, minScore: number): boolean {
  return !isDoubtful(fit) || (minScore < DOUBT_SCORE[fit.beam] && fit.score >= minScore);
}

/** Whether `isSaidInGap` can be true for words that only a wide beam finds. */
export function canBeWide(minScore: number): boolean {
  return minScore < DOUBT_SCORE.wide;
}

/** The score that words between anchors must have. */
export function gapMinScore(anchors: readonly Anchor[]): number {
  const median = upperMedian(anchors.map(({ score }) => score));
  return Math.max(MIN_SCORE, GAP_FACTOR * median);
}
