import type { Speech } from '../../engines/engine.ts';
import { hasLoudGap } from '../../engines/loud-gaps.ts';
import type { Span } from '../../engines/stretches.ts';
import { readMonoPcm16AsFloat } from '../../formats/wav-pcm.ts';
import type { PreparedUtterance, Recording } from '../prepared.ts';
import type { WordInPlace } from './match.ts';

/** Words of an utterance that were not found, and the time between those that were. */
export interface SpokenGap extends Span {
  readonly firstWord: number;
  readonly wordCount: number;
}

/** No speaker is faster, on the average of some words. */
const WORD_MIN_SEC = 0.15;
/** The limit of a part for an engine, and of the audio that is read at once. */
const MAX_SEC = 25;
/** Words on each side, without a longer pause between them, by which the gap is known to be loud. */
const NEAREST_WORDS = 10;
const MAX_PAUSE_SEC = 0.5;

/**
 * The gaps between words that were found in which others of the text may be said after all: there is time for them,
 * it is as loud as in the words around, and no speech was heard that is none of the text. A voice that fits a model badly
 * makes such gaps.
 * @param words - in time order
 * @param unwritten - speech that is none of the text, in time order
 */
export async function findSpokenGaps(
  utterance: PreparedUtterance,
  words: readonly WordInPlace[],
  unwritten: readonly Speech[],
  { monoPath, monoRateHz }: Pick<Recording, 'monoPath' | 'monoRateHz'>,
): Promise<SpokenGap[]> {
  const gaps: SpokenGap[] = [];
  let other = 0;
  if (words.length === 0) return gaps;
  // The first gap is the one before all words.
  for (let index = -1; index < words.length; index++) {
    const [before, after] = [words[index], words[index + 1]];
    const firstWord = (before?.at ?? -1) + 1;
    const wordCount = (after?.at ?? utterance.words.length) - firstWord;
    const startSec = before?.endSec ?? utterance.startSec;
    const endSec = after?.startSec ?? utterance.endSec;
    while ((unwritten[other]?.endSec ?? Number.POSITIVE_INFINITY) <= startSec) other++;
    const hasOther = (unwritten[other]?.startSec ?? Number.POSITIVE_INFINITY) < endSec;
    const hasTime = endSec - startSec >= wordCount * WORD_MIN_SEC && endSec - startSec <= MAX_SEC;
    if (wordCount === 0 || hasOther || !hasTime) continue;
    const near = [...nearestWords(words, index, -1).reverse(), ...nearestWords(words, index + 1, 1)];
    const fromSec = Math.min(startSec, near[0]?.startSec ?? startSec);
    const toSec = Math.max(endSec, near.at(-1)?.endSec ?? endSec);
    const samples = await readMonoPcm16AsFloat(monoPath, fromSec, toSec);
    const spans = near.map((one) => ({ startSec: one.startSec - fromSec, endSec: one.endSec - fromSec }));
    if (hasLoudGap(samples, monoRateHz, spans, toSec - fromSec))
      gaps.push({ startSec, endSec, firstWord, wordCount });
  }
  return gaps;
}

/** The words from one on, in one direction, up to the first pause. */
function nearestWords(words: readonly WordInPlace[], from: number, step: 1 | -1): WordInPlace[] {
  const found: WordInPlace[] = [];
  for (let at = from; found.length < NEAREST_WORDS; at += step) {
    const [word, last] = [words[at], found.at(-1)];
    if (word === undefined) break;
    if (last !== undefined && pauseSec(last, word, step) > MAX_PAUSE_SEC) break;
    found.push(word);
  }
  return found;
}

function pauseSec(last: Span, next: Span, step: 1 | -1): number {
  return step === 1 ? next.startSec - last.endSec : last.startSec - next.endSec;
}
