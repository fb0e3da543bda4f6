import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseDictionaryLine, splitPhones } from '../../lexicon/dictionary.ts';
import type { Language } from '../../lexicon/language.ts';

/** Test words are long enough to be words, and short enough for the test audio. */
const MIN_PHONES = 2;
const MAX_PHONES = 4;
const WORD = /^\p{L}+$/u;

/**
 * The first short words of a language's dictionary. The rest of the dictionary is not read.
 * @returns fewer than `count` if the dictionary has fewer
 * @throws system errors
 */
export async function findTestWords(language: Language, count: number): Promise<string[]> {
  const words = new Set<string>();
  const input = createReadStream(language.dictionaryPath, 'utf8');
  try {
    for await (const line of createInterface({ input })) {
      const parsed = parseDictionaryLine(line);
      if (parsed?.kind !== 'entry' || !WORD.test(parsed.word)) continue;
      const phoneCount = splitPhones(parsed.rest).length;
      if (phoneCount >= MIN_PHONES && phoneCount <= MAX_PHONES) words.add(parsed.word);
      if (words.size === count) break;
    }
  } finally {
    input.destroy();
  }
  return [...words];
}
