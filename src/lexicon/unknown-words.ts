import { plural } from '../base/count-text.ts';
import { type Finding, formatPlace, type Place } from '../base/finding.ts';
import type { Language, Pronunciation } from './language.ts';

/** Words named one by one; a transcript in another language would otherwise list every word. */
const MAX_NAMED_WORDS = 50;
/** Places named for one word beside the first. */
const MAX_NAMED_PLACES = 2;
const MAX_SAMPLE_PHONES = 60;
/** A text without blanks is one word: it would fill a page. */
const MAX_SHOWN_CHARS = 100;
const HAS_NUMBER = /\p{N}/u;

/** A word that is in no dictionary, where it stands. */
export interface UnknownWord extends Place {
  /** Look-up form. */
  readonly word: string;
}

export interface UnknownWordsCase {
  /** The user's dictionary, as the user knows it: `<user>/dic/<lang>.dict`. */
  readonly dictionary: string;
  /** How such a word is treated, up to the fix, such as "it counts as unknown sound;". */
  readonly consequence: string;
}

/**
 * One finding per word without pronunciation, in order and at the place of its first appearance, with other places, what that
 * means and the fix; past the fiftieth, one that counts the rest. `code` is the caller's policy: W_WORD_UNKNOWN or
 * E_WORDS_UNKNOWN.
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
 * The same for words that were aligned by a pronunciation that was guessed.
 * @param phonesOf - the guessed pronunciations of a word
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
 * A user dictionary to correct and to complete: the guessed lines, which are used as they stand, then the words that
 * nothing is known of, as comments.
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

/** Other places of a word. */
function describeOthers(others: readonly UnknownWord[]): string {
  if (others.length === 0) return '';
  const named = others.slice(0, MAX_NAMED_PLACES).map((one) => formatPlace(placeOf(one)));
  const more = others.length - named.length;
  return `; it is also at ${named.join(', ')}${more === 0 ? '' : ` and ${more} more places`}`;
}
