import type { Pronunciation } from '../../lexicon/language.ts';

/**
 * Tokens of plain letters, such as `XAAB`, that stand for words in dictionaries and transcripts of engines: engines lose, split or
 * refuse words with digits, quotes, hyphens or letters outside ASCII.
 */
export interface WordTokens {
  /** @throws RangeError when the word has no pronunciation */
  tokenOf(word: string): string;
  /** Null: the text is silence, or not one of the tokens. */
  wordOf(token: string): string | null;
  /**
   * The dictionary lines of some words, in the order of their tokens: the token, `headEnd`, and phones with blanks between.
   * A start gets only the lines of its own words: a phone that the model lacks then affects only the intervals that have it.
   */
  dictionaryOf(words: Iterable<string>, headEnd: string): string[];
}

/** Without X and H: faseAlign skips intervals whose text contains XXX or HHH, without a message. */
const LETTERS = 'ABCDEFGIJKLMNOPQRSTUVWYZ';
const PREFIX = 'X';
const MIN_LETTERS = 3;

/**
 * @param pronunciations - in dictionary order; variants of a word need not be neighbours
 * @param minLetters - letters of a token after the prefix; more if no token may be a word of the engine's own dictionary
 */
export function createWordTokens(
  pronunciations: readonly Pronunciation[],
  minLetters: number = MIN_LETTERS,
): WordTokens {
  const variants = new Map<string, Set<string>>();
  for (const { word, phones } of pronunciations) {
    const known = variants.get(word);
    if (known === undefined) variants.set(word, new Set([phones.join(' ')]));
    else known.add(phones.join(' '));
  }
  const letterCount = countLetters(variants.size, minLetters);
  const tokens = new Map<string, string>();
  for (const word of variants.keys()) tokens.set(word, toToken(tokens.size, letterCount));
  const words = new Map([...tokens].map(([word, token]) => [token, word]));

  const tokenOf = (word: string): string => {
    const token = tokens.get(word);
    if (token === undefined) throw new RangeError(`the word "${word}" was given without a pronunciation`);
    return token;
  };
  return {
    tokenOf,
    wordOf: (token) => words.get(token) ?? null,
    dictionaryOf: (used, headEnd) =>
      [...new Set(used)]
        .map((word): [string, string] => [tokenOf(word), word])
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([token, word]) =>
          [...(variants.get(word) ?? [])].map((phones) => token + headEnd + phones),
        ),
  };
}

function countLetters(wordCount: number, minLetters: number): number {
  let letterCount = minLetters;
  while (LETTERS.length ** letterCount < wordCount) letterCount += 1;
  return letterCount;
}

function toToken(index: number, letterCount: number): string {
  let letters = '';
  for (let rest = index, i = 0; i < letterCount; i += 1) {
    letters = LETTERS.charAt(rest % LETTERS.length) + letters;
    rest = Math.floor(rest / LETTERS.length);
  }
  return PREFIX + letters;
}
