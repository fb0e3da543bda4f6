import { existsSync } from 'node:fs';
import type { Fault, Warning } from '../base/errors.ts';
import { type Dictionary, PronunciationList, readPronunciations, readUsablePhones } from './dictionary.ts';
import type { Language, Pronunciation } from './language.ts';
import { readUserDictionary } from './user-dictionary.ts';

/** The pronunciations of a task's words, from all sources. */
export interface Lexicon {
  /** Pronunciations in the phones of the acoustic model, for the engine: first of the language, then suggested, then of the user. */
  readonly simple: readonly Pronunciation[];
  /** Pronunciations in the full phone set by word, for `restorePhones`. Variants are in the same order. */
  readonly complex: ReadonlyMap<string, readonly (readonly string[])[]>;
  /** Words of the task that have a pronunciation. */
  readonly known: ReadonlySet<string>;
  /** Known words that are in no dictionary: their pronunciations are suggested ones. */
  readonly suggested: ReadonlySet<string>;
  /** Known words whose pronunciations are from the user dictionary. */
  readonly ofUser: ReadonlySet<string>;
  /** Words of the task without a pronunciation, in the given order. */
  readonly unknown: readonly string[];
  /** W_DICTIONARY_LINE: about the dictionaries of the language, for the operator. */
  readonly warnings: readonly Warning[];
  /** E_DICTIONARY_MALFORMED, E_LIMIT: about the user dictionary. */
  readonly faults: readonly Fault[];
}

export interface LexiconSources {
  readonly language: Language;
  /** Null, or the path of a missing file: the user has no dictionary. */
  readonly userDictionaryPath: string | null;
  /** How many lines the user dictionary may have. Left out: no limit. */
  readonly maxUserLines?: number;
  /** Pronunciations that a G2P model made or a user accepted, in the full phone set. */
  readonly suggested: readonly Pronunciation[];
  /** Look-up forms that may occur in the task. */
  readonly words: ReadonlySet<string>;
  /** Ends the reading of long dictionaries. */
  readonly signal?: AbortSignal;
}

/**
 * Reads the dictionaries, each in one pass, and merges them. If the user dictionary has a word, only its pronunciations of the
 * word are used. Otherwise those of the language and the suggested ones are used.
 * @throws the reason of `signal`; system errors when a dictionary of the language cannot be read
 */
export async function buildLexicon(sources: LexiconSources): Promise<Lexicon> {
  const { language, suggested, words, signal } = sources;
  const { dictionaryPath, complexDictionaryPath } = language;
  const first = await readPronunciations(dictionaryPath, words, signal);
  const second =
    complexDictionaryPath === null || complexDictionaryPath === dictionaryPath
      ? null
      : await readPronunciations(complexDictionaryPath, words, signal);
  const user = await readUser(sources);
  const wantedSuggested = suggested.filter((one) => words.has(one.word));

  const overridden = new Set(user.pronunciations.map((one) => one.word));
  const merge = (base: readonly Pronunciation[], toSimple: boolean): readonly Pronunciation[] => {
    const list = new PronunciationList();
    for (const one of base) if (!overridden.has(one.word)) list.add(one);
    const map = toSimple ? (one: Pronunciation) => simplify(one, language.complexToSimple) : same;
    for (const one of wantedSuggested) if (!overridden.has(one.word)) list.add(map(one));
    for (const one of user.pronunciations) list.add(map(one));
    return list.all;
  };
  const base = simpleBase(language, first, second);
  const simple = merge(base, true);
  const known = new Set(simple.map((one) => one.word));
  const written = new Set([...base, ...user.pronunciations].map((one) => one.word));
  return {
    simple,
    complex: byWord(merge((second ?? first).pronunciations, false)),
    known,
    suggested: new Set([...known].filter((word) => !written.has(word))),
    ofUser: overridden,
    unknown: [...words].filter((word) => !known.has(word)),
    warnings: [...first.warnings, ...(second?.warnings ?? [])],
    faults: user.faults,
  };
}

/** The part of a lexicon that `words` need. Its `unknown` words are those of `words`. */
export function cutLexicon(lexicon: Lexicon, words: ReadonlySet<string>): Lexicon {
  return {
    ...lexicon,
    simple: lexicon.simple.filter((one) => words.has(one.word)),
    complex: new Map([...lexicon.complex].filter(([word]) => words.has(word))),
    known: new Set([...lexicon.known].filter((word) => words.has(word))),
    suggested: new Set([...lexicon.suggested].filter((word) => words.has(word))),
    ofUser: new Set([...lexicon.ofUser].filter((word) => words.has(word))),
    unknown: [...words].filter((word) => !lexicon.known.has(word)),
  };
}

/** Maps a pronunciation to the phones of the acoustic model. Each phone is mapped once: French `§` becomes `N`, not `n`. */
function simplify(one: Pronunciation, complexToSimple: ReadonlyMap<string, string>): Pronunciation {
  if (complexToSimple.size === 0) return one;
  return { word: one.word, phones: one.phones.map((phone) => complexToSimple.get(phone) ?? phone) };
}

function same(one: Pronunciation): Pronunciation {
  return one;
}

async function readUser({ language, userDictionaryPath, maxUserLines, words, signal }: LexiconSources) {
  if (userDictionaryPath === null || !existsSync(userDictionaryPath))
    return { pronunciations: [], faults: [] };
  const phones = await readUsablePhones(language);
  return await readUserDictionary(userDictionaryPath, words, {
    language,
    phones,
    ...(maxUserLines === undefined ? {} : { maxLines: maxUserLines }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The pronunciations of the language in the phones of the model. Words that only the full dictionary has are mapped. */
function simpleBase(language: Language, first: Dictionary, second: Dictionary | null): Pronunciation[] {
  const map = (one: Pronunciation) => simplify(one, language.complexToSimple);
  if (second === null) {
    // If there is one dictionary, it is in the full set only if it is also the complexDictionaryPath.
    const isComplex = language.complexDictionaryPath !== null;
    return isComplex ? first.pronunciations.map(map) : [...first.pronunciations];
  }
  const has = new Set(first.pronunciations.map((one) => one.word));
  return [...first.pronunciations, ...second.pronunciations.filter((one) => !has.has(one.word)).map(map)];
}

function byWord(pronunciations: readonly Pronunciation[]): Map<string, (readonly string[])[]> {
  const words = new Map<string, (readonly string[])[]>();
  for (const { word, phones } of pronunciations) {
    const variants = words.get(word);
    if (variants === undefined) words.set(word, [phones]);
    else variants.push(phones);
  }
  return words;
}
