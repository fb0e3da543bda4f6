import { BOUNDARY_TOLERANCE_SEC, type Interval } from '../tiers.ts';
import { isObject, type Json } from './checked.ts';

/** Reads recognised words with their times, and counts words that cannot be an interval. */
export class WordReader {
  /** Number of words without times or length, or that overlap the word before. */
  leftOutCount = 0;

  /** @param words - a list of objects with `word` (or `text`), `start` and `end`; any other value: no words */
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

  /** The words in time order, without those that overlap the word before. */
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
