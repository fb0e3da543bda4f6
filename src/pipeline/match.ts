import type { AlignedPhone, AlignedWord } from '../engines/engine.ts';
import type { PreparedUtterance } from './prepared.ts';

/** Engines round to frames: a word may begin or end so much outside its utterance. */
const TOLERANCE_SEC = 0.03;

/**
 * Finds the words of each utterance in what an engine gave for its tier. An utterance counts as aligned only when
 * all its words are there, in order, inside it, each with phones that follow each other.
 * @param words - in time order
 * @param found - utterances that are complete are added to it, clipped to their span
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
    const own = words.slice(first, next);
    if (isComplete(utterance, own))
      found.set(
        utterance,
        own.map((word) => clipWord(word, utterance)),
      );
  }
}

function isComplete(utterance: PreparedUtterance, words: readonly AlignedWord[]): boolean {
  if (words.length !== utterance.words.length) return false;
  let timeSec = utterance.startSec - TOLERANCE_SEC;
  for (const [index, word] of words.entries()) {
    if (word.label !== utterance.words[index] || word.phones.length === 0) return false;
    for (const phone of word.phones) {
      if (phone.startSec < timeSec - TOLERANCE_SEC || phone.endSec <= phone.startSec) return false;
      timeSec = phone.endSec;
    }
  }
  return timeSec <= utterance.endSec + TOLERANCE_SEC;
}

function clipWord(word: AlignedWord, span: PreparedUtterance): AlignedWord {
  return { ...clipSpan(word, span), phones: word.phones.map((phone) => clipSpan(phone, span)) };
}

function clipSpan<T extends AlignedPhone>(part: T, span: PreparedUtterance): T {
  return {
    ...part,
    startSec: Math.max(part.startSec, span.startSec),
    endSec: Math.min(part.endSec, span.endSec),
  };
}

function middle(word: AlignedWord | undefined): number {
  return word === undefined ? Number.POSITIVE_INFINITY : (word.startSec + word.endSec) / 2;
}
