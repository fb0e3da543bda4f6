import type { AlignedPhone, AlignedWord } from '../engines/engine.ts';
import type { PreparedUtterance } from './prepared.ts';

/** Engines round to frames: a boundary may lie so much before the one it follows, or outside its utterance. */
const TOLERANCE_SEC = 0.03;

/**
 * Finds the words of each utterance in what an engine gave for its tier: all of them, in order, inside it, each with
 * phones that follow each other. Where one is missing, its neighbours have taken its sound, and the utterance is not
 * aligned; unless the engine knows the places of its words, so that it has left the others out because they do not fit.
 * @param words - in time order
 * @param found - utterances are added to it with their words, no phone over the next, each word as long as its phones
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

/** @returns null when the utterance is not aligned */
function fit(utterance: PreparedUtterance, words: readonly AlignedWord[]): AlignedWord[] | null {
  const isPlaced = words.length > 0 && words.every(({ at }) => at !== undefined);
  if (!isPlaced && words.length !== utterance.words.length) return null;
  const fitted: AlignedWord[] = [];
  let reachedSec = utterance.startSec;
  let next = 0;
  for (const word of words) {
    const at = word.at ?? next;
    const isExpected = at >= next && word.label === utterance.words[at];
    const phones = isExpected ? fitPhones(word.phones, reachedSec, utterance.endSec) : null;
    const [first] = phones ?? [];
    const last = phones?.at(-1);
    if (phones === null || first === undefined || last === undefined) {
      if (isPlaced) continue;
      return null;
    }
    fitted.push({ ...word, startSec: first.startSec, endSec: last.endSec, phones });
    reachedSec = last.endSec;
    next = at + 1;
  }
  return fitted.length === 0 ? null : fitted;
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
