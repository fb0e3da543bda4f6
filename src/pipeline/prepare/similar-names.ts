import path from 'node:path';
import { pairKey } from '../../base/input-kinds.ts';
import { nearest } from '../../base/nearest.ts';
import { showCharacter } from '../../base/visible-text.ts';

/** How many pairs of letters are compared at most: names may be long, and nothing else runs meanwhile. */
const MAX_PAIRS = 10_000_000;
/** Shorter names are similar by chance. */
const MIN_LETTERS = 4;
/** As systems mark a second file of one name: `talk (1)`, `talk - Copy`. */
const COPY = /\s*\(\d+\)$|[\s_-]+COPY$/;
const NOT_LETTERS = /[^\p{L}\p{M}\p{N}]+/gu;
/** Characters that cannot be seen, and blanks other than the usual one. */
const UNSEEN = /[\p{Cf}\p{Zs}]/gu;

/** Finds the file that was probably meant by a name that fits none. */
export class SimilarNames {
  readonly #byLetters = new Map<string, string[]>();
  #letterCount = 0;
  #pairsLeft = MAX_PAIRS;

  /** @param names - with extension, and with folders, `/` between them */
  constructor(names: readonly string[]) {
    for (const name of names) {
      const letters = lettersOf(name);
      const same = this.#byLetters.get(letters);
      if (same === undefined) {
        this.#byLetters.set(letters, [name]);
        this.#letterCount += letters.length;
      } else same.push(name);
    }
  }

  /**
   * Names that differ only in signs, blanks and folders come first, then those with a typing error. Names that differ in
   * digits are different names.
   * @returns null: none is similar, or several differ only in signs, blanks and folders. Of several names with a typing
   *   error, the nearest one, and of equally near ones the first
   */
  find(name: string): string | null {
    const letters = lettersOf(name);
    const same = this.#byLetters.get(letters) ?? this.#byLetters.get(this.#mistyped(letters) ?? '');
    const [only, ...others] = same ?? [];
    return only === undefined || others.length > 0 ? null : only.replace(UNSEEN, showUnseen);
  }

  #mistyped(letters: string): string | null {
    this.#pairsLeft -= this.#letterCount * letters.length;
    if (letters.length < MIN_LETTERS || this.#pairsLeft < 0) return null;
    const digits = digitsOf(letters);
    return nearest(
      letters,
      [...this.#byLetters.keys()].filter((one) => digitsOf(one) === digits),
    );
  }
}

/** What people compare when they look at two names. */
function lettersOf(name: string): string {
  const key = pairKey(path.posix.basename(name.replaceAll('\\', '/'))).normalize('NFKC');
  const letters = key.replace(COPY, '').replace(NOT_LETTERS, '');
  return letters === '' ? key : letters;
}

function digitsOf(letters: string): string {
  return letters.replace(/\P{N}+/gu, ' ').trim();
}

function showUnseen(character: string): string {
  return character === ' ' ? character : showCharacter(character);
}
