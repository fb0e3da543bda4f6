import { BOUNDARY_TOLERANCE_SEC, type Interval } from '../tiers.ts';
import { isObject, type Json } from './checked.ts';

/** Reads words that a program has heard, and counts those that can have no interval. */
export class WordReader {
  /** Without times, without length, or at the same time as the word before. */
  leftOutCount = 0;

  /** @param words - objects with `word` (or `text`), `start` and `end`; anything else: there are none */
  read(words: Json | undefined): Interval[] {
    if (!Array.isArray(words)) return [];
    return (words as readonly Json[]).flatMap((value) => {
      if (!isObject(value)) return [];
      const { start, end } = value;
      const text = value['word'] ?? value['text'];
      if (typeof text !== 'string' || text.trim() === '') return [];
      if (typeof start === 'number' && typeof end === 'number' && start >= 0 && end > start)
        return [{ startSec: start, endSec: end, text: text.trim() }];
      this.leftOutCount += 1;
      return [];
    });
  }

  /** Words in time order, none over another. */
  inOrder(words: readonly Interval[]): Interval[] {
    const kept: Interval[] = [];
    for (const word of words.toSorted((one, other) => one.startSec - other.startSec)) {
      const last = kept.at(-1);
      if (last === undefined || word.startSec >= last.endSec - BOUNDARY_TOLERANCE_SEC) kept.push(word);
      else this.leftOutCount += 1;
    }
    return kept;
  }
}
