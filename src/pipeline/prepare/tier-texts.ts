import { must } from '../../base/must.ts';
import type { Interval, IntervalTier } from '../../formats/tiers.ts';
import { lookupForm } from '../../lexicon/lookup-form.ts';

/** The share of the words that must be found. */
const SHARE = 0.9;
/** More words would only cost time. */
const MAX_WORDS = 2_000;

/**
 * The texts of one tier, which is compared with many tiers of words. They are found by time, and each is split once.
 */
export class TierTexts {
  readonly #intervals: readonly Interval[];
  readonly #parts = new Map<Interval, ReadonlySet<string>>();

  /** @param tier - in time order; otherwise some of its words are not found */
  constructor(tier: IntervalTier) {
    this.#intervals = tier.intervals;
  }

  /** Whether most words lie in intervals of this tier that have them too. */
  hasWordsOf(words: IntervalTier): boolean {
    const said = words.intervals.filter(({ text }) => text.trim() !== '').slice(0, MAX_WORDS);
    const found = said.filter(({ startSec, endSec, text }) => {
      const around = this.#at((startSec + endSec) / 2);
      return around !== undefined && partsOf(text).every((part) => this.#partsOf(around).has(part));
    });
    return said.length > 0 && found.length >= SHARE * said.length;
  }

  /** The interval at a time. */
  #at(sec: number): Interval | undefined {
    let from = 0;
    let to = this.#intervals.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (must(this.#intervals[middle], 'an interval of a search').endSec < sec) from = middle + 1;
      else to = middle;
    }
    const found = this.#intervals[from];
    return found !== undefined && found.startSec <= sec ? found : undefined;
  }

  #partsOf(interval: Interval): ReadonlySet<string> {
    const known = this.#parts.get(interval) ?? new Set(partsOf(interval.text));
    this.#parts.set(interval, known);
    return known;
  }
}

function partsOf(text: string): string[] {
  return lookupForm(text)
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((part) => part !== '');
}
