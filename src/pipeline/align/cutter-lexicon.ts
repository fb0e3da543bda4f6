import { PronunciationList } from '../../lexicon/dictionary.ts';
import type { Language } from '../../lexicon/language.ts';
import { buildLexicon, type Lexicon } from '../../lexicon/merge.ts';
import { nearestPhones } from '../../lexicon/nearest-phones.ts';
import type { Cutter } from '../resources.ts';

/** The language of a task, and the pronunciations of its words. */
export interface TaskWords {
  readonly language: Language;
  readonly lexicon: Lexicon;
}

/**
 * How the cutter pronounces words: as its own dictionary says. A word of the user's dictionary, or one that the cutter's
 * dictionary does not have, is pronounced as in the task, in the nearest phones of the cutter. Of another language only the
 * phones are used, not the dictionary.
 */
export async function buildCutterLexicon(
  { language, isForeign }: Pick<Cutter, 'language' | 'isForeign'>,
  { language: taskLanguage, lexicon }: TaskWords,
  words: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Pick<Lexicon, 'simple' | 'unknown'>> {
  const asked = isForeign ? new Set<string>() : words;
  const own = await buildLexicon({ language, userDictionaryPath: null, suggested: [], words: asked, signal });
  const list = new PronunciationList();
  for (const one of own.simple) list.add(one);
  const { phonesOf } = nearestPhones(taskLanguage, language);
  const simple = Map.groupBy(lexicon.simple, ({ word }) => word);
  for (const word of words) {
    if (own.known.has(word) && !lexicon.ofUser.has(word)) continue;
    const known = lexicon.complex.get(word) ?? simple.get(word)?.map(({ phones }) => phones) ?? [];
    for (const phones of known) {
      const rows = phones.map(phonesOf);
      if (rows.every((row) => row !== null)) list.add({ word, phones: rows.flat() });
    }
  }
  const found = new Set(list.all.map(({ word }) => word));
  return { simple: list.all, unknown: [...words].filter((word) => !found.has(word)) };
}
