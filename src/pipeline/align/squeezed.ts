import { must } from '../../base/must.ts';
import { upperMedian } from '../../base/upper-median.ts';
import type { Speech } from '../../engines/engine.ts';
import type { WordInPlace } from './match.ts';

/** A word whose phones take at most this share of the usual time, beside a pause of this length, may be said in the pause. */
const MAX_PACE_SHARE = 0.45;
const MIN_PAUSE_SEC = 0.3;
/** How many such words in a row. */
const MAX_WORDS = 5;

export interface Unsqueezed {
  readonly words: readonly WordInPlace[];
  readonly unwritten: readonly Speech[];
  /** Places of the words that are missing from `words`. */
  readonly squeezed: ReadonlySet<number>;
}

/**
 * Removes words that the cutter has squeezed in beside a pause between two words of the text, and the unwritten speech in
 * that pause, which may be these words.
 * @param words - in time order
 * @param unwritten - in time order
 */
export function takeSqueezed(
  words: readonly WordInPlace[],
  unwritten: readonly Speech[],
  phoneCount: (word: string) => number,
): Unsqueezed {
  const paces = words.map(({ label, startSec, endSec }) => (endSec - startSec) / phoneCount(label));
  const usual = upperMedian(paces);
  const isSqueezed = (index: number): boolean => (paces[index] ?? usual) <= MAX_PACE_SHARE * usual;
  const squeezed = new Set<number>();
  const pauses: Speech[] = [];
  for (let index = 0; index + 1 < words.length; index++) {
    const before = must(words[index], 'a word before a pause');
    const after = must(words[index + 1], 'a word after a pause');
    if (after.at !== before.at + 1 || after.startSec - before.endSec < MIN_PAUSE_SEC) continue;
    const row: number[] = [];
    for (let at = index; at > index - MAX_WORDS && isSqueezed(at); at--) row.push(at);
    for (let at = index + 1; at <= index + MAX_WORDS && isSqueezed(at); at++) row.push(at);
    for (const at of row) squeezed.add(must(words[at], 'a squeezed word').at);
    if (row.length > 0) pauses.push({ startSec: before.startSec, endSec: after.endSec });
  }
  let pause = 0;
  return {
    squeezed,
    words: words.filter(({ at }) => !squeezed.has(at)),
    unwritten: unwritten.filter(({ startSec, endSec }) => {
      while ((pauses[pause]?.endSec ?? Number.POSITIVE_INFINITY) < endSec) pause++;
      return (pauses[pause]?.startSec ?? Number.POSITIVE_INFINITY) > startSec;
    }),
  };
}
