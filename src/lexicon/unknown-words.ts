import type { Finding } from '../base/errors.ts';
import type { IntervalPlace } from '../formats/tiers.ts';
import type { Language, Pronunciation } from './language.ts';

/** Words named one by one; a transcript in another language would otherwise list every word. */
const MAX_NAMED_WORDS = 50;
/** Places named for one word. */
const MAX_NAMED_PLACES = 3;
const MAX_SAMPLE_PHONES = 60;

/** A word that is in no dictionary, where it stands. */
export interface UnknownWord extends IntervalPlace {
  /** Look-up form. */
  readonly word: string;
  /** Start of the interval in seconds. */
  readonly timeSec: number;
}

export interface UnknownWordsCase {
  /** The user's dictionary, as the user knows it: `<user>/dic/<lang>.dict`. */
  readonly dictionary: string;
  /** What becomes of such a word, up to the mend, such as "it counts as unknown sound;". */
  readonly consequence: string;
}

/**
 * One finding per word without pronunciation, in order of first appearance, with its places, what that means and the
 * mend; past the fiftieth, one that counts the rest. `code` is the caller's policy: W_WORD_UNKNOWN or E_WORDS_UNKNOWN.
 */
export function describeUnknownWords<Code extends 'W_WORD_UNKNOWN' | 'E_WORDS_UNKNOWN'>(
  code: Code,
  unknown: readonly UnknownWord[],
  language: Language,
  { dictionary, consequence }: UnknownWordsCase,
): Finding<Code>[] {
  return describeWords(code, 'unknown', unknown, (word, places) => {
    const found = `"${word}" is not in the dictionary of ${language.displayName}: ${places}`;
    return `${found}; ${consequence} ${mend(dictionary, word, 'PHONES')}`;
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
  return describeWords('W_WORD_GUESSED', 'guessed', guessed, (word, places) => {
    const variants = phonesOf(word).map((phones) => phones.join(' '));
    return (
      `"${word}" is not in the dictionary of ${language.displayName}: ${places}; aligned as ${variants.join(' or ')}, ` +
      `which is a guess. If that is wrong, ${mend(userDictionary, word, variants[0] ?? 'PHONES')}`
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

function mend(dictionary: string, word: string, phones: string): string {
  return `add it to your dictionary, ${dictionary} or a file for --user-dict, as a line: ${word}<TAB>${phones}`;
}

function describeWords<Code extends string>(
  code: Code,
  kind: string,
  words: readonly UnknownWord[],
  describe: (word: string, places: string) => string,
): Finding<Code>[] {
  const places = Map.groupBy(words, (one) => one.word);
  const named = [...places].slice(0, MAX_NAMED_WORDS);
  const findings = named.map(([word, all]): Finding<Code> => {
    const [first] = all;
    const message = describe(word, describePlaces(all));
    if (first === undefined) return { code, message };
    const { word: _, ...place } = first;
    return { code, message, ...place };
  });
  const restCount = places.size - named.length;
  if (restCount > 0) {
    const message = `and ${restCount} more ${kind} ${restCount === 1 ? 'word' : 'words'}, ${places.size} in all`;
    findings.push({ code, message });
  }
  return findings;
}

function describePlaces(places: readonly UnknownWord[]): string {
  const named = places.slice(0, MAX_NAMED_PLACES).map(({ file, tier, interval, line, timeSec }) => {
    const name = line === undefined ? `tier "${tier}" interval ${interval}` : `line ${line}`;
    return `${file} ${name} (${clock(timeSec)})`;
  });
  const more = places.length - named.length;
  return more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`;
}

/** `3.20 s`, or `1:02:03.20` from a minute on: what Praat's and players' time fields are compared with. */
function clock(timeSec: number): string {
  if (timeSec < 60) return `${timeSec.toFixed(2)} s`;
  const hours = Math.floor(timeSec / 3600);
  const minutes = Math.floor((timeSec % 3600) / 60);
  const seconds = (timeSec % 60).toFixed(2).padStart(5, '0');
  return hours === 0 ? `${minutes}:${seconds}` : `${hours}:${String(minutes).padStart(2, '0')}:${seconds}`;
}
