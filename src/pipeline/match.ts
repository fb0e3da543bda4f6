import type { AlignedPhone, AlignedWord } from '../engines/engine.ts';
import type { PreparedUtterance } from './prepared.ts';

/** Engines round to frames: a boundary may lie so much before the one it follows, or outside its utterance. */
const TOLERANCE_SEC = 0.03;

/**
 * Finds the words of each utterance in what an engine gave for its tier. An utterance counts as aligned only when
 * all its words are there, in order, inside it, each with phones that follow each other.
 * @param words - in time order
 * @param found - utterances that are complete are added to it, no phone over the next, each word as long as its phones
 */
export function matchUtterances(
  utterances: readonly PreparedUtterance[],
  words: readonly AlignedWord[],
  found: Map<PreparedUtterance, readonly AlignedWord[]>,
): void {
  let next = 0;
  for (const utterance of utterances) {
    while (next < words.length && middle(words[next]) < utterance.startSec) next++;
    const first = next;
    while (next < words.length && middle(words[next]) < utterance.endSec) next++;
    const fitted = fit(utterance, words.slice(first, next));
    if (fitted !== null) found.set(utterance, fitted);
  }
}

/** @returns null when the utterance is not aligned as a whole */
function fit(utterance: PreparedUtterance, words: readonly AlignedWord[]): AlignedWord[] | null {
  if (words.length !== utterance.words.length) return null;
  const fitted: AlignedWord[] = [];
  let reachedSec = utterance.startSec;
  for (const [index, word] of words.entries()) {
    if (word.label !== utterance.words[index]) return null;
    const phones = fitPhones(word.phones, reachedSec, utterance.endSec);
    const [first] = phones ?? [];
    const last = phones?.at(-1);
    if (phones === null || first === undefined || last === undefined) return null;
    fitted.push({ ...word, startSec: first.startSec, endSec: last.endSec, phones });
    reachedSec = last.endSec;
  }
  return fitted;
}

/** Boundaries that were rounded apart are made one. Null: a phone is more than that outside, or nothing is left of it. */
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
