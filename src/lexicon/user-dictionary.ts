import path from 'node:path';
import { type Fault, TaskError } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { nearest } from '../base/nearest.ts';
import { PronunciationList, parseDictionaryLine, splitPhones } from './dictionary.ts';
import { forEachLine } from './dictionary-lines.ts';
import type { Language, Pronunciation } from './language.ts';

/** Faults named one by one; a file of another format would otherwise give one for each of its lines. */
const MAX_NAMED_FAULTS = 20;

export interface UserDictionary {
  readonly pronunciations: readonly Pronunciation[];
  /** E_DICTIONARY_MALFORMED, one for each bad line, then one that counts the rest; or E_LIMIT alone. */
  readonly faults: readonly Fault[];
}

export interface UserDictionaryRules {
  readonly language: Language;
  /** Phones that may be used; empty: not checked. */
  readonly phones: ReadonlySet<string>;
  /** A longer file is not read to its end. Default: no limit. */
  readonly maxLines?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reads a user's dictionary. The grammar is that of `readPronunciations`, but every line of the file is
 * checked, wanted or not, and so are its phones: an engine that meets a phone outside its model fails for the
 * whole task, long after.
 * @throws the reason of `signal`; system errors
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
    const text = `and ${faultCount - faults.length} more bad lines`;
    faults.push(findingAt('E_DICTIONARY_MALFORMED', { file }, text));
  }
  return { pronunciations: pronunciations.all, faults };
}

function tooLong(file: string, maxLines: number): TaskError {
  return new TaskError(
    'E_LIMIT',
    `more than ${maxLines} lines (MAX_DICTIONARY_LINES): expected fewer; leave out words that the language has`,
    { place: { file } },
  );
}

function describeUnknownPhone(
  phone: string,
  line: string,
  phones: ReadonlySet<string>,
  language: Language,
): string {
  const found = `phone "${phone}" is not one of the ${phones.size} phones of ${language.displayName}`;
  if (line.trimStart().startsWith('#')) return `${found}; a comment begins with ;;`;
  const meant = similarPhones(phone, phones, language.complexToSimple);
  return meant.length === 0
    ? found
    : `${found}; did you mean ${meant.map((one) => `"${one}"`).join(' or ')}?`;
}

/** Same letters in the other case; the same vowel with or without stress; what the model's phone stands for; one typing error. */
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
  // With one letter, every other one-letter phone would be "near".
  const near = phone.length < 2 ? null : nearest(phone, all);
  return near === null ? [] : [near];
}
