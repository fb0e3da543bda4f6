import path from 'node:path';
import { plural } from '../base/count-text.ts';
import { type Fault, TaskError } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { nearest } from '../base/nearest.ts';
import { PronunciationList, parseDictionaryLine, splitPhones } from './dictionary.ts';
import { forEachLine } from './dictionary-lines.ts';
import type { Language, Pronunciation } from './language.ts';

/** How many faults are named: a file of another format has one in each line. */
const MAX_NAMED_FAULTS = 20;

export interface UserDictionary {
  readonly pronunciations: readonly Pronunciation[];
  /** E_DICTIONARY_MALFORMED for each bad line, then one that counts the rest; or only E_LIMIT. */
  readonly faults: readonly Fault[];
}

/** What is said of the phones of a language. */
type NamedPhones = Pick<Language, 'displayName' | 'complexToSimple'>;

export interface UserDictionaryRules {
  readonly language: NamedPhones;
  /** The phones that may be used; empty: they are not checked. */
  readonly phones: ReadonlySet<string>;
  /** A longer file is E_LIMIT, and is not read to its end. Left out: no limit. */
  readonly maxLines?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reads a user dictionary. The grammar is that of `readPronunciations`, but all lines and their phones are checked, not only
 * those of wanted words: a phone that the model does not have would fail the whole task in the engine, much later.
 * @param wanted - look-up forms to keep
 * @throws TaskError E_PATH_KIND; the reason of `signal`; system errors
 */
export async function readUserDictionary(
  dictionaryPath: string,
  wanted: ReadonlySet<string>,
  { language, phones, maxLines = Number.POSITIVE_INFINITY, signal }: UserDictionaryRules,
): Promise<UserDictionary> {
  const file = path.basename(dictionaryPath);
  const pronunciations = new PronunciationList();
  const faults: Fault[] = [];
  let faultCount = 0;
  const addFault = (line: number, text: string): void => {
    faultCount += 1;
    if (faults.length >= MAX_NAMED_FAULTS) return;
    faults.push(findingAt('E_DICTIONARY_MALFORMED', { file, line }, text));
  };
  const takeLine = (text: string, line: number) => {
    if (line > maxLines) throw tooLong(file, maxLines);
    const parsed = parseDictionaryLine(text);
    if (parsed === null) return;
    if (parsed.kind === 'bad') return addFault(line, parsed.message);
    const used = splitPhones(parsed.rest);
    const unknownPhone = phones.size === 0 ? undefined : used.find((phone) => !phones.has(phone));
    if (unknownPhone !== undefined)
      addFault(line, describeUnknownPhone(unknownPhone, text, phones, language));
    else if (wanted.has(parsed.word)) pronunciations.add({ word: parsed.word, phones: used });
  };
  try {
    await forEachLine(dictionaryPath, takeLine, signal);
  } catch (error) {
    if (error instanceof TaskError && error.code === 'E_LIMIT')
      return { pronunciations: [], faults: error.faults };
    throw error;
  }
  if (faultCount > faults.length) {
    const text = `and ${plural(faultCount - faults.length, 'more bad line')}`;
    faults.push(findingAt('E_DICTIONARY_MALFORMED', { file }, text));
  }
  return { pronunciations: pronunciations.all, faults };
}

function tooLong(file: string, maxLines: number): TaskError {
  return new TaskError(
    'E_LIMIT',
    `expected at most ${maxLines} lines (MAX_DICTIONARY_LINES), found more; leave out words that the language has`,
    { place: { file } },
  );
}

function describeUnknownPhone(
  phone: string,
  line: string,
  phones: ReadonlySet<string>,
  language: NamedPhones,
): string {
  const found = `phone "${phone}" is not one of the ${phones.size} phones of ${language.displayName}`;
  if (line.trimStart().startsWith('#')) return `${found}; a comment begins with ;;`;
  const meant = similarPhones(phone, phones, language.complexToSimple);
  return meant.length === 0
    ? found
    : `${found}; did you mean ${meant.map((one) => `"${one}"`).join(' or ')}?`;
}

/** Phones that the user may have meant: in another case, with other stress, the full set's for one of the model, or a typing error. */
function similarPhones(
  phone: string,
  phones: ReadonlySet<string>,
  complexToSimple: ReadonlyMap<string, string>,
): string[] {
  const all = [...phones];
  const folded = phone.toLowerCase();
  const sameLetters = all.filter((one) => one.toLowerCase() === folded);
  if (sameLetters.length > 0) return sameLetters;
  const stressless = folded.replace(/\d$/, '');
  const sameVowel = all.filter((one) => one.toLowerCase().replace(/\d$/, '') === stressless);
  if (stressless !== '' && sameVowel.length > 0) return sameVowel;
  const behind = all.filter((one) => complexToSimple.get(one) === phone);
  if (behind.length > 0) return behind;
  // All phones of one letter are near each other.
  const near = phone.length < 2 ? null : nearest(phone, all);
  return near === null ? [] : [near];
}
