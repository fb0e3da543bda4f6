import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseDictionaryLine, splitPhones } from '../../lexicon/dictionary.ts';
import type { Language } from '../../lexicon/language.ts';

/** Long enough to be a word, short enough to fit any second of speech. */
const MIN_PHONES = 2;
const MAX_PHONES = 4;
const WORD = /^\p{L}+$/u;

/**
 * The first short words of a language's dictionary, which is read no further.
 * @returns fewer than `count` where the dictionary has no more
 * @throws system errors when it cannot be read
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
