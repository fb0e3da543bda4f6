import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import type { Pronunciation } from '../../lexicon/language.ts';

/** The phones that FAVE tells HTK of, within FAVE_DIR. */
const PHONE_LIST = path.join('align', 'model', 'monophones');

/** What FAVE's model makes of the words of a run. */
export interface ModelPhones {
  /**
   * Why an utterance cannot be aligned whatever its audio is: FAVE itself only says that a file of its own is missing.
   * @returns null when the model knows all phones of these words, or its list cannot be read
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
