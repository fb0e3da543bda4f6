import type { Finding } from '../base/errors.ts';
import type { Language } from './language.ts';

/** Unknown words named one by one; a transcript in another language would otherwise list every word. */
const MAX_NAMED_WORDS = 50;
/** Places named for one word. */
const MAX_NAMED_PLACES = 3;
const MAX_SAMPLE_PHONES = 60;

/** An unknown word, where it stands. */
export interface UnknownWord {
  /** Look-up form. */
  readonly word: string;
  readonly file: string;
  readonly tier: string;
  /** Number of the interval within its tier, from 1. */
  readonly interval: number;
  /** Start of the interval in seconds. */
  readonly timeSec: number;
}

/**
 * One finding per unknown word, in order of first appearance, with its places and the mend; past the fiftieth,
 * one that counts the rest. `code` is the caller's policy: W_WORD_UNKNOWN or E_WORDS_UNKNOWN.
 * @param userDictionary - path of the user's dictionary, as the user knows it: `<user>/dic/<lang>.dict`
 */
export function describeUnknownWords<Code extends 'W_WORD_UNKNOWN' | 'E_WORDS_UNKNOWN'>(
  code: Code,
  unknown: readonly UnknownWord[],
  language: Language,
  userDictionary: string,
): Finding<Code>[] {
  const places = Map.groupBy(unknown, (one) => one.word);
  const named = [...places].slice(0, MAX_NAMED_WORDS);
  const findings = named.map(([word, all]): Finding<Code> => {
    const [first] = all;
    const message =
      `"${word}" is not in the dictionary of ${language.displayName}: ${describePlaces(all)}; ` +
      `add a line with its phones to ${userDictionary}: ${word}<TAB>PHONES`;
    if (first === undefined) return { code, message };
    const { file, tier, interval, timeSec } = first;
    return { code, message, file, tier, interval, timeSec };
  });
  const restCount = places.size - named.length;
  if (restCount > 0) {
    const message = `and ${restCount} more unknown ${restCount === 1 ? 'word' : 'words'}, ${places.size} in all`;
    findings.push({ code, message });
  }
  return findings;
}

/** A user dictionary to complete: each unknown word once, ready for its phones to be typed after the TAB. */
export function draftUserDictionary(words: Iterable<string>, language: Language): string {
  const phones = [...language.phones];
  const more = phones.length > MAX_SAMPLE_PHONES ? ' ...' : '';
  const lines = [
    `;; ${language.code}: type the phones of each word after the TAB, with blanks between them`,
    ...(phones.length === 0 ? [] : [`;; phones: ${phones.slice(0, MAX_SAMPLE_PHONES).join(' ')}${more}`]),
    ...[...new Set(words)].map((word) => `${word}\t`),
  ];
  return `${lines.join('\n')}\n`;
}

function describePlaces(places: readonly UnknownWord[]): string {
  const named = places
    .slice(0, MAX_NAMED_PLACES)
    .map(
      ({ file, tier, interval, timeSec }) =>
        `${file} tier "${tier}" interval ${interval} (${clock(timeSec)})`,
    );
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
