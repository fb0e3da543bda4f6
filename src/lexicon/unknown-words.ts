import { plural } from '../base/count-text.ts';
import { type Finding, formatPlace, type Place } from '../base/finding.ts';
import type { Language, Pronunciation } from './language.ts';

/** How many words are named: in a transcript in another language, nearly all words are unknown. */
const MAX_NAMED_WORDS = 50;
/** How many further places of a word are named. */
const MAX_NAMED_PLACES = 2;
const MAX_SAMPLE_PHONES = 60;
/** Longer words are cut: a text without blanks is a single word. */
const MAX_SHOWN_CHARS = 100;
const HAS_NUMBER = /\p{N}/u;

/** A word that is in no dictionary, with its place. */
export interface UnknownWord extends Place {
  /** Look-up form. */
  readonly word: string;
}

export interface UnknownWordsCase {
  /** Name of the user dictionary in messages: `<user>/dic/<lang>.dict`. */
  readonly dictionary: string;
  /** How an unknown word is treated, as the text before the fix: "it counts as unknown sound;". */
  readonly consequence: string;
}

/**
 * Makes a finding for each unknown word, at the place where it is first, with other places, the consequence and the fix. After
 * fifty words, one finding counts the rest.
 * @param code - the caller decides whether unknown words are a warning or an error
 */
export function describeUnknownWords<Code extends 'W_WORD_UNKNOWN' | 'E_WORDS_UNKNOWN'>(
  code: Code,
  unknown: readonly UnknownWord[],
  language: Language,
  { dictionary, consequence }: UnknownWordsCase,
): Finding<Code>[] {
  return describeWords(code, 'unknown', unknown, (word, others) => {
    const found = `"${shorten(word)}" is not in the dictionary of ${language.displayName}${others}`;
    return `${found}; ${consequence} ${describeFix(dictionary, word, 'PHONES')}`;
  });
}

/**
 * Makes such findings for words that were aligned by a guessed pronunciation.
 * @param phonesOf - gives the guessed pronunciations of a word
 */
export function describeGuessedWords(
  guessed: readonly UnknownWord[],
  phonesOf: (word: string) => readonly (readonly string[])[],
  language: Language,
  userDictionary: string,
): Finding<'W_WORD_GUESSED'>[] {
  return describeWords('W_WORD_GUESSED', 'guessed', guessed, (word, others) => {
    const variants = phonesOf(word).map((phones) => phones.join(' '));
    return (
      `"${shorten(word)}" is not in the dictionary of ${language.displayName}${others}; aligned as ${variants.join(' or ')}, ` +
      `which is a guess. If that is wrong, ${describeFix(userDictionary, word, variants[0] ?? 'PHONES')}`
    );
  });
}

/**
 * The text of a user dictionary that the user can correct and complete: lines with the guessed pronunciations, then, as comments,
 * the words without any.
 */
export function draftUserDictionary(
  suggested: readonly Pronunciation[],
  unknown: Iterable<string>,
  language: Language,
): string {
  const phones = [...language.phones];
  const more = phones.length > MAX_SAMPLE_PHONES ? ' ...' : '';
  const open = [...new Set(unknown)].map((word) => `;; ${word}\t`);
  const lines = [
    `;; ${language.code}: pronunciations that were guessed; correct them and copy the lines into your dictionary`,
    ...(phones.length === 0 ? [] : [`;; phones: ${phones.slice(0, MAX_SAMPLE_PHONES).join(' ')}${more}`]),
    ...suggested.map(({ word, phones: used }) => `${word}\t${used.join(' ')}`),
    ...(open.length === 0
      ? []
      : [';; not known: remove the signs before the word, type its phones after the TAB']),
    ...open,
  ];
  return `${lines.join('\n')}\n`;
}

function shorten(word: string): string {
  return word.length <= MAX_SHOWN_CHARS
    ? word
    : `${[...word].slice(0, MAX_SHOWN_CHARS).join('')}..., ${word.length} characters`;
}

function describeFix(dictionary: string, word: string, phones: string): string {
  if (word.length > MAX_SHOWN_CHARS) return 'put blanks between its words';
  const advice = HAS_NUMBER.test(word) ? 'write it as it is spoken, or ' : '';
  return `${advice}add it to your dictionary, ${dictionary} or a file for --user-dict, as a line: ${word}<TAB>${phones}`;
}

function describeWords<Code extends string>(
  code: Code,
  kind: string,
  words: readonly UnknownWord[],
  describe: (word: string, others: string) => string,
): Finding<Code>[] {
  const byWord = Map.groupBy(words, (one) => one.word);
  const named = [...byWord].slice(0, MAX_NAMED_WORDS);
  const findings = named.map(([word, [first, ...others]]): Finding<Code> => {
    const text = describe(word, describeOthers(others));
    return first === undefined ? { code, text } : { code, place: placeOf(first), text };
  });
  const restCount = byWord.size - named.length;
  if (restCount > 0) {
    const text = `and ${plural(restCount, `more ${kind} word`)}, ${byWord.size} in all`;
    findings.push({ code, text });
  }
  return findings;
}

function placeOf({ word: _, ...place }: UnknownWord): Place {
  return place;
}

function describeOthers(others: readonly UnknownWord[]): string {
  if (others.length === 0) return '';
  const named = others.slice(0, MAX_NAMED_PLACES).map((one) => formatPlace(placeOf(one)));
  const more = others.length - named.length;
  return `; it is also at ${named.join(', ')}${more === 0 ? '' : ` and ${plural(more, 'more place')}`}`;
}
