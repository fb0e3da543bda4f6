import { must } from '../../base/must.ts';
import { upperMedian } from '../../base/upper-median.ts';
import type { PreparedUtterance } from '../prepared.ts';
import { type Cut, NOTHING_SAID } from './cut.ts';
import type { WordInPlace } from './match.ts';
import { cutWhole, type SeamRule } from './whole-parts.ts';

/** Between words like these, a model of another language finds the right place (docs/decisions/0023). */
const SEAM: SeamRule = { pauseSec: 0.2, rowLength: 3 };
/** A word whose phones are this many times longer or shorter than usual may be in the place of another word. */
const MAX_PACE = 2.5;

/**
 * Cuts an utterance by what a model of another language has found in it: into parts with all words, at pauses between rows
 * of words that are spoken at the usual pace. One part: it cannot be cut.
 * @param words - those that were found, in time order
 */
export function planForeignCut(
  utterance: PreparedUtterance,
  words: readonly WordInPlace[],
  phoneCount: (word: string) => number,
): Cut {
  const paces = words.map(({ label, startSec, endSec }) => (endSec - startSec) / phoneCount(label));
  const usual = upperMedian(paces);
  const steady = words.filter((_, index) => {
    const pace = must(paces[index], 'the pace of a word');
    return pace <= usual * MAX_PACE && pace >= usual / MAX_PACE;
  });
  const parts = cutWhole(utterance, steady, SEAM);
  return { ...NOTHING_SAID, parts, share: words.length / utterance.words.length, spares: new Map() };
}
