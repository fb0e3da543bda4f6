import type { Stretch } from './job.ts';

export interface TimedWord {
  readonly startSec: number;
  readonly endSec: number;
}

/**
 * Finds words in a window of the sound.
 * @param firstWord - place within the utterance of the first word to be found
 * @param wordCount - how many words may be spoken there
 * @param isWhole - whether all of them are
 * @returns the words found, seconds from the start of the file; null: none can be
 */
export type FindWords = (
  startSec: number,
  endSec: number,
  firstWord: number,
  wordCount: number,
  isWhole: boolean,
) => Promise<readonly TimedWord[] | null>;

export interface LongUtterance {
  readonly startSec: number;
  readonly endSec: number;
  readonly wordCount: number;
}

/** The time of a search grows with the length of sound and of text. */
const WINDOW_SEC = 60;
/** The best path up to now may still change this close to the end of a window. */
const UNSURE_SEC = 8;
/** Where the next window may begin: at the longest pause of so many seconds of sure words. */
const SEAM_SEC = 15;
/** Words looked for in a window: so many times its share of the words that are left, and some. */
const WORDS_FACTOR = 1.5;
const WORDS_MIN = 30;
const STRETCH_MIN_SEC = 6;
const STRETCH_MAX_SEC = 25;
/** Silence left around a stretch's words. */
const EDGE_SEC = 0.3;

/**
 * Cuts a long utterance into stretches of at most 26 s at its pauses. Which words are spoken between the pauses is
 * found in windows of a minute: each takes up at a pause before the end of the last, with the words that are left.
 * @returns stretches in time order; words that cannot be found are in none of them
 */
export async function divide(utterance: LongUtterance, find: FindWords): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  let startSec = utterance.startSec;
  let firstWord = 0;
  while (firstWord < utterance.wordCount) {
    const leftCount = utterance.wordCount - firstWord;
    const isLast = utterance.endSec - startSec <= WINDOW_SEC + UNSURE_SEC;
    const endSec = isLast ? utterance.endSec : startSec + WINDOW_SEC;
    const whole = isLast ? await find(startSec, endSec, firstWord, leftCount, true) : null;
    const found = whole ?? (await findSome(utterance, startSec, endSec, firstWord, find));
    if (found === null) break;
    const count = whole === null ? countSure(found, endSec - UNSURE_SEC) : found.length;
    stretches.push(...group(found, count, startSec, endSec, firstWord));
    if (isLast) break;
    // Nothing but silence, or one endless word: go on behind it.
    startSec = count === 0 ? endSec - UNSURE_SEC : seam(found, count, endSec);
    firstWord += count;
  }
  return stretches;
}

/** Looks for as many words as may be spoken in a window: the search takes as long as its text is. */
async function findSome(
  utterance: LongUtterance,
  startSec: number,
  endSec: number,
  firstWord: number,
  find: FindWords,
): Promise<readonly TimedWord[] | null> {
  const leftCount = utterance.wordCount - firstWord;
  const share = (endSec - startSec) / (utterance.endSec - startSec);
  for (let count = Math.ceil(WORDS_MIN + leftCount * share * WORDS_FACTOR); ; count *= 2) {
    const tried = Math.min(count, leftCount);
    const found = await find(startSec, endSec, firstWord, tried, false);
    // All used up: speech is denser here than in the rest, and the last words were stretched over what follows.
    if (found === null || found.length < tried || tried === leftCount) return found;
  }
}

/** How many words, up to the longest of the last pauses, end before `untilSec`. */
function countSure(words: readonly TimedWord[], untilSec: number): number {
  const sureCount = words.filter(({ endSec }) => endSec <= untilSec).length;
  let best = sureCount - 1;
  for (let at = best; at >= 0 && (words[at]?.endSec ?? 0) > untilSec - SEAM_SEC; at--) {
    if (gapAfter(words, at) > gapAfter(words, best)) best = at;
  }
  return best + 1;
}

function group(
  words: readonly TimedWord[],
  count: number,
  startSec: number,
  endSec: number,
  firstWord: number,
): Stretch[] {
  const stretches: Stretch[] = [];
  let lowSec = startSec;
  for (let first = 0; first < count; ) {
    const last = chooseLast(words, first, count);
    const highSec = last === words.length - 1 ? endSec : seam(words, last + 1, endSec);
    stretches.push({
      startSec: Math.max(lowSec, (words[first]?.startSec ?? 0) - EDGE_SEC),
      endSec: Math.min(highSec, (words[last]?.endSec ?? 0) + EDGE_SEC),
      firstWord: firstWord + first,
      wordCount: last + 1 - first,
    });
    lowSec = highSec;
    first = last + 1;
  }
  return stretches;
}

/** The last word of the stretch that begins with word `first`: all that are left, or those up to the longest pause. */
function chooseLast(words: readonly TimedWord[], first: number, count: number): number {
  const fromSec = words[first]?.startSec ?? 0;
  const spanSec = (at: number): number => (words[at]?.endSec ?? 0) - fromSec;
  if (spanSec(count - 1) <= STRETCH_MAX_SEC) return count - 1;
  let best = first;
  for (let at = first + 1; at < count && spanSec(at) <= STRETCH_MAX_SEC; at++) {
    if (spanSec(best) < STRETCH_MIN_SEC || gapAfter(words, at) >= gapAfter(words, best)) best = at;
  }
  return best;
}

function gapAfter(words: readonly TimedWord[], at: number): number {
  const next = words[at + 1];
  return next === undefined ? 0 : next.startSec - (words[at]?.endSec ?? 0);
}

/** The middle of the pause after the first `count` words. */
function seam(words: readonly TimedWord[], count: number, endSec: number): number {
  const lastEndSec = words[count - 1]?.endSec ?? endSec;
  return (lastEndSec + (words[count]?.startSec ?? lastEndSec)) / 2;
}
