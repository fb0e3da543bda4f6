import type { AlignedPhone, AlignedWord } from '../../engines/engine.ts';
import type { PreparedUtterance } from '../prepared.ts';
import { placeWords } from './common-words.ts';

/** A word with its place within its utterance, from 0. */
export interface WordInPlace extends AlignedWord {
  readonly at: number;
}

/** Engines round to frames: a boundary may be this much before the previous one, or outside its utterance. */
const TOLERANCE_SEC = 0.03;

/** More than this share of an utterance's words, and of those that came back for it, must be the same. */
const MIN_SHARE = 0.5;

/**
 * Finds the words of each utterance in what an engine returned for its tier: in order, inside the utterance, each with
 * phones that follow each other. An engine that gives the places of its words has left out the others on purpose. Of any
 * other engine, the words in the order of the text count if they are most of the text and most of what came back; otherwise
 * the utterance is not aligned.
 * @param given - words in time order
 * @param found - receives the utterances with their words; no phone overlaps the next, each word is as long as its phones
 * @returns utterances that came back with too few or too many words; words beside a missing one may have taken its audio
 */
export function matchUtterances(
  utterances: readonly PreparedUtterance[],
  given: readonly AlignedWord[],
  found: Map<PreparedUtterance, readonly WordInPlace[]>,
): PreparedUtterance[] {
  const partial: PreparedUtterance[] = [];
  // A time that is not a number would end the search for all later words.
  const words = given.filter((word) => Number.isFinite(middle(word)));
  let next = 0;
  for (const utterance of utterances) {
    while (next < words.length && middle(words[next]) < utterance.startSec) next++;
    const first = next;
    while (next < words.length && middle(words[next]) < utterance.endSec) next++;
    const own = words.slice(first, next);
    if (own.length === 0) continue;
    const isPlaced = own.every(hasPlace);
    const fitted = fit(utterance, isPlaced ? own : placeAll(utterance, own));
    if (fitted.length === 0) continue;
    const isWhole = fitted.length === utterance.words.length && fitted.length === own.length;
    if (isPlaced || isWhole) {
      found.set(utterance, fitted);
    } else if (fitted.length > MIN_SHARE * Math.max(utterance.words.length, own.length)) {
      found.set(utterance, fitted);
      partial.push(utterance);
    }
  }
  return partial;
}

function hasPlace(word: AlignedWord): word is WordInPlace {
  return word.at !== undefined;
}

function placeAll({ words }: PreparedUtterance, own: readonly AlignedWord[]): WordInPlace[] {
  const places = placeWords(
    words,
    own.map(({ label }) => label),
  );
  return own.flatMap((word, index) => {
    const at = places[index];
    return at === undefined ? [] : [{ ...word, at }];
  });
}

function fit(utterance: PreparedUtterance, words: readonly WordInPlace[]): WordInPlace[] {
  const fitted: WordInPlace[] = [];
  let reachedSec = utterance.startSec;
  let next = 0;
  for (const word of words) {
    const { at } = word;
    const isExpected = at >= next && word.label === utterance.words[at];
    const phones = isExpected ? fitPhones(word.phones, reachedSec, utterance.endSec) : null;
    const [first] = phones ?? [];
    const last = phones?.at(-1);
    if (phones === null || first === undefined || last === undefined) continue;
    fitted.push({ ...word, startSec: first.startSec, endSec: last.endSec, phones });
    reachedSec = last.endSec;
    next = at + 1;
  }
  return fitted;
}

/** Joins boundaries that differ by rounding. Null: a phone is further outside, or has no length left. */
function fitPhones(phones: readonly AlignedPhone[], fromSec: number, toSec: number): AlignedPhone[] | null {
  const fitted: AlignedPhone[] = [];
  let reachedSec = fromSec;
  for (const phone of phones) {
    if (phone.startSec < reachedSec - TOLERANCE_SEC || phone.endSec > toSec + TOLERANCE_SEC) return null;
    const startSec = Math.max(phone.startSec, reachedSec);
    const endSec = Math.min(phone.endSec, toSec);
    if (endSec <= startSec) return null;
    fitted.push({ ...phone, startSec, endSec });
    reachedSec = endSec;
  }
  return fitted;
}

function middle(word: AlignedWord | undefined): number {
  return word === undefined ? Number.POSITIVE_INFINITY : (word.startSec + word.endSec) / 2;
}
