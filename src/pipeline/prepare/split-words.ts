import { plural } from '../../base/count-text.ts';
import type { Warning } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import type { Split } from '../../lexicon/words.ts';

/** How many words are named as examples. */
const MAX_NAMED = 5;

/** Collects the words of a transcript of which only the parts are in the dictionary. */
export class SplitWords {
  #count = 0;
  readonly #examples = new Map<string, readonly string[]>();

  add({ from, into }: Split): void {
    this.#count += 1;
    if (this.#examples.size < MAX_NAMED) this.#examples.set(from, into);
  }

  /** One W_WORD_SPLIT for all of them, since a transcript may have hundreds; none if there are none. */
  describe(file: string): Warning[] {
    if (this.#count === 0) return [];
    const quote = (text: string): string => `"${text}"`;
    const examples = [...this.#examples].map(
      ([from, into]) => `"${from}" as ${into.map(quote).join(' and ')}`,
    );
    const what = plural(this.#count, 'word is', 'words are');
    const text =
      `${what} in the dictionary in parts only, and each part is a word of the result: ${examples.join(', ')}. ` +
      'To keep them whole, add them to your dictionary.';
    return [findingAt('W_WORD_SPLIT', { file }, text)];
  }
}
