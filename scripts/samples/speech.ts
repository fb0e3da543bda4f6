/** Speech of a synthesiser, with the synthesiser's own times. */
export interface Speech {
  readonly rateHz: number;
  /** Mono, -1 to 1. */
  readonly samples: Float32Array;
  /** In time order, one for each word of the text (words are separated by white space). */
  readonly words: readonly SpokenWord[];
}

export interface SpokenWord {
  readonly startSec: number;
  readonly endSec: number;
  readonly phones: readonly SpokenPhone[];
}

export interface SpokenPhone {
  /** A label of the synthesiser's own phone set. */
  readonly label: string;
  readonly startSec: number;
  readonly endSec: number;
}

/** Look-up forms of a sentence: lower case, without the punctuation around a word. */
export function lookUpForms(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .map((token) => token.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, ''))
    .filter((word) => word !== '');
}

/** Makes a word from its phones, of which there is at least one. */
export function wordOf(phones: readonly SpokenPhone[], label: string): SpokenWord {
  const first = phones.at(0);
  const last = phones.at(-1);
  if (first === undefined || last === undefined)
    throw new Error(`the synthesiser gave no phone for "${label}"`);
  return { startSec: first.startSec, endSec: last.endSec, phones };
}
