/** Speech of a synthesiser, with the times that it used itself. */
export interface Speech {
  readonly rateHz: number;
  /** Mono, -1 to 1. */
  readonly samples: Float32Array;
  /** In time order, one for each white-space separated word of the text. */
  readonly words: readonly SpokenWord[];
}

export interface SpokenWord {
  readonly startSec: number;
  readonly endSec: number;
  readonly phones: readonly SpokenPhone[];
}

export interface SpokenPhone {
  /** In the synthesiser's own phone set. */
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

/** A word from its phones, which are never empty. */
export function wordOf(phones: readonly SpokenPhone[], label: string): SpokenWord {
  const first = phones.at(0);
  const last = phones.at(-1);
  if (first === undefined || last === undefined)
    throw new Error(`the synthesiser gave no phone for "${label}"`);
  return { startSec: first.startSec, endSec: last.endSec, phones };
}
