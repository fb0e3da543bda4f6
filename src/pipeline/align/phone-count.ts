import type { Pronunciation } from '../../lexicon/language.ts';

/** For a word without a pronunciation: in most spellings, one or two letters stand for a phone. */
const PHONES_PER_LETTER = 0.75;

/** How many phones a word has, in its shortest pronunciation. */
export function countPhones(pronunciations: readonly Pronunciation[]): (word: string) => number {
  const counts = new Map<string, number>();
  for (const { word, phones } of pronunciations)
    counts.set(word, Math.min(phones.length, counts.get(word) ?? Number.POSITIVE_INFINITY));
  return (word) => counts.get(word) ?? PHONES_PER_LETTER * word.length;
}
