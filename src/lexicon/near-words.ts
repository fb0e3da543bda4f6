import { editDistance } from '../base/nearest.ts';
import { parseDictionaryLine } from './dictionary.ts';
import { forEachLine } from './dictionary-lines.ts';
import type { Language } from './language.ts';

/** Near words are searched for no more words: more would take long, and mean that the language was chosen wrongly. */
const MAX_WORDS = 100;
const MAX_NEAR = 3;
/** Shorter words have too many near words. */
const MIN_CHARS = 3;
/** In words of at least this length, two characters may differ. */
const MIN_CHARS_FOR_TWO = 6;

/** A word whose near words are searched. */
interface Wanted {
  readonly word: string;
  /** See `lettersOf`: most words of a dictionary are excluded by it quickly. */
  readonly letters: number;
  readonly maxDistance: number;
  readonly near: { readonly word: string; readonly rank: number }[];
}

/**
 * Finds words of a language's dictionary that differ from unknown words by one or two characters, the nearest first: the user may
 * have meant them. Reads the dictionary once, without holding it in memory.
 * @param words - look-up forms; only the first hundred are searched
 * @returns up to three near words for each word; a word without near words is left out
 * @throws the reason of `signal`; system errors
 */
export async function findNearWords(
  words: readonly string[],
  { dictionaryPath }: Pick<Language, 'dictionaryPath'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const wanted = words
    .slice(0, MAX_WORDS)
    .filter((word) => word.length >= MIN_CHARS)
    .map((word): Wanted => {
      const maxDistance = word.length < MIN_CHARS_FOR_TWO ? 1 : 2;
      return { word, letters: lettersOf(word), maxDistance, near: [] };
    });
  if (wanted.length === 0) return new Map();
  let last = '';
  await forEachLine(dictionaryPath, (line, number) => {
    if (number % 1000 === 0) signal.throwIfAborted();
    const parsed = parseDictionaryLine(line);
    // Pronunciations of one word follow each other.
    if (parsed?.kind !== 'entry' || parsed.word === last) return;
    last = parsed.word;
    const letters = lettersOf(parsed.word);
    for (const one of wanted) addIfNear(one, parsed.word, letters);
  });
  return new Map(
    wanted.flatMap(({ word, near }) => (near.length === 0 ? [] : [[word, near.map((one) => one.word)]])),
  );
}

function addIfNear({ word, letters, maxDistance, near }: Wanted, candidate: string, its: number): void {
  if (Math.abs(candidate.length - word.length) > maxDistance) return;
  // A change of one character removes at most one letter of the set, and adds at most one.
  if (countBits(letters & ~its) > maxDistance || countBits(its & ~letters) > maxDistance) return;
  const distance = editDistance(word, candidate);
  if (distance > maxDistance || near.some((one) => one.word === candidate)) return;
  // If the distance is equal, words with the same letters come first, then words with the same first letter.
  const rank = 4 * distance + (letters === its ? 0 : 2) + (word[0] === candidate[0] ? 0 : 1);
  const at = near.findIndex((one) => one.rank > rank);
  near.splice(at < 0 ? near.length : at, 0, { word: candidate, rank });
  near.splice(MAX_NEAR);
}

/** The set of letters of a word as 32 bits; several letters share a bit. */
function lettersOf(word: string): number {
  let letters = 0;
  for (let at = 0; at < word.length; at++) letters |= 1 << (word.charCodeAt(at) & 31);
  return letters;
}

function countBits(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}
