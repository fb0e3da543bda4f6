import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import type { Pronunciation } from '../../lexicon/language.ts';

/** The list of the model's phones, relative to FAVE_DIR. */
const PHONE_LIST = path.join('align', 'model', 'monophones');

/** Checks the words of a run against the phones of FAVE's model. */
export interface ModelPhones {
  /**
   * Finds a word with a phone that the model does not have. FAVE's own message only says that one of its files is missing.
   * @returns null: the model has all phones of these words, or its list cannot be read
   */
  findFault(words: readonly string[]): TaskError | null;
}

export async function readModelPhones(
  faveDir: string,
  pronunciations: readonly Pronunciation[],
): Promise<ModelPhones> {
  const file = path.join(faveDir, PHONE_LIST);
  const list = await readFile(file, 'utf8').catch(() => '');
  const known = new Set(list.split(/\s+/));
  const unknownPhones = new Map<string, string>();
  for (const { word, phones } of list.trim() === '' ? [] : pronunciations) {
    const unknownPhone = phones.find((phone) => !known.has(phone.toUpperCase()));
    if (unknownPhone !== undefined) unknownPhones.set(word, unknownPhone);
  }
  return {
    findFault: (words) => {
      const word = words.find((one) => unknownPhones.has(one));
      if (word === undefined) return null;
      return new TaskError(
        'E_LANGUAGE_BROKEN',
        `FAVE: the word "${word}" has the phone "${unknownPhones.get(word)}", which the model in ${file} does not know; ` +
          'correct that line of the dictionary',
      );
    },
  };
}
