import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Language } from '../../src/lexicon/language.ts';
import { createTrivial } from '../../testing/trivial-engine.ts';
import { repeatableRandom } from './numbers.ts';

/** Names inside the folder of the benchmark. */
export const LEXICON_FILES = {
  language: 'language.dict',
  user: 'user.dict',
  words: 'words.txt',
  engine: 'engine.dict',
} as const;

export const LEXICON_SIZE = { languageLines: 134_000, userLines: 50_000, words: 2_000 } as const;

const CONSONANTS = [...'bcdfghjklmnpqrstvwxz'];
const VOWELS = [...'aeiouy'];
const PHONES = (
  'AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 ER0 ER1 ER2 ' +
  'EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R S SH T TH UH0 UH1 UH2 ' +
  'UW0 UW1 UW2 V W Y Z ZH'
).split(' ');

/** Dictionaries of invented words, as long as the published ones for English, and the words of a task. */
export async function writeLexiconFiles(dir: string): Promise<void> {
  const random = repeatableRandom(2);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const makeWord = () =>
    Array.from({ length: 2 + Math.floor(random() * 3) }, () => pick(CONSONANTS) + pick(VOWELS)).join('') +
    pick(CONSONANTS);
  const makeLine = (word: string) =>
    `${word}\t${Array.from({ length: 4 + Math.floor(random() * 6) }, () => pick(PHONES)).join(' ')}`;
  const language = Array.from({ length: LEXICON_SIZE.languageLines }, makeWord);
  const user = Array.from({ length: LEXICON_SIZE.userLines }, (_, n) =>
    n % 5 === 0 ? pick(language) : makeWord(),
  );
  const words = new Set<string>();
  while (words.size < LEXICON_SIZE.words) words.add(pick(words.size % 10 === 0 ? user : language));
  const write = (name: keyof typeof LEXICON_FILES, lines: readonly string[]) =>
    writeFile(path.join(dir, LEXICON_FILES[name]), `${lines.join('\n')}\n`);
  await write('language', language.map(makeLine));
  await write('user', user.map(makeLine));
  await writeFile(path.join(dir, LEXICON_FILES.words), [...words].join('\n'));
}

export function languageOf(dictionaryPath: string): Language {
  const [trivial] = createTrivial('.').builtInLanguages;
  return { ...(trivial as Language), dictionaryPath, phones: new Set(PHONES) };
}
