import { must } from '../base/must.ts';

/** A stretch of time in seconds. */
export interface Span {
  readonly startSec: number;
  readonly endSec: number;
}

/** A word that was found in the audio. */
export interface PlacedWord extends Span {
  /** Place of the word in the utterance, from 0. */
  readonly at: number;
}

/** Words that follow each other in an utterance, with the time in which they are spoken. */
export interface WordStretch extends Span {
  /** Place of the first word in the utterance, from 0. */
  readonly firstWord: number;
  readonly wordCount: number;
}

const STRETCH_MIN_SEC = 6;
const STRETCH_MAX_SEC = 25;
/** Silence before and after the words of a stretch. */
const EDGE_SEC = 0.3;

/**
 * Divides words that follow each other in the text into stretches of at most 26 s, at their longest pauses.
 * @param count - how many words are divided; later words only limit the end of the last stretch
 * @param bounds - the stretches must lie within this time
 */
export function group(words: readonly PlacedWord[], count: number, bounds: Span): WordStretch[] {
  const stretches: WordStretch[] = [];
  let lowSec = bounds.startSec;
  for (let first = 0; first < count; ) {
    const last = chooseLast(words, first, count);
    const highSec = last === words.length - 1 ? bounds.endSec : middleOfPause(words, last + 1, bounds.endSec);
    const firstWord = wordAt(words, first);
    stretches.push({
      startSec: Math.max(lowSec, firstWord.startSec - EDGE_SEC),
      endSec: Math.min(highSec, wordAt(words, last).endSec + EDGE_SEC),
      firstWord: firstWord.at,
      wordCount: last + 1 - first,
    });
    lowSec = highSec;
    first = last + 1;
  }
  return stretches;
}

/**
 * Divides words that need not follow each other in the text. A stretch has only words that follow each other, without other speech
 * between them.
 * @param others - other speech, in time order
 */
export function groupRows(
  words: readonly PlacedWord[],
  others: readonly Span[],
  bounds: Span,
): WordStretch[] {
  const stretches: WordStretch[] = [];
  let other = 0;
  let lowSec = bounds.startSec;
  for (let first = 0; first < words.length; ) {
    const start = wordAt(words, first).startSec;
    for (let one = others[other]; one !== undefined && one.startSec < start; one = others[++other])
      lowSec = Math.max(lowSec, Math.min(start, one.endSec));
    const otherSec = others[other]?.startSec ?? Number.POSITIVE_INFINITY;
    let next = first + 1;
    const isRow = (): boolean => {
      const after = words[next];
      return after?.at === wordAt(words, next - 1).at + 1 && otherSec >= after.startSec;
    };
    while (isRow()) next++;
    const row = words.slice(first, next);
    const end = wordAt(words, next - 1).endSec;
    const after = Math.min(words[next]?.startSec ?? bounds.endSec, others[other]?.startSec ?? bounds.endSec);
    const highSec =
      next < words.length || after < bounds.endSec ? (end + Math.max(end, after)) / 2 : bounds.endSec;
    stretches.push(...group(row, row.length, { startSec: lowSec, endSec: highSec }));
    lowSec = highSec;
    first = next;
  }
  return stretches;
}

/** The middle of the pause after the first `count` words. */
export function middleOfPause(words: readonly Span[], count: number, endSec: number): number {
  const lastEndSec = words[count - 1]?.endSec ?? endSec;
  return (lastEndSec + (words[count]?.startSec ?? lastEndSec)) / 2;
}

/** Seconds between a word and the next one; 0: it is the last one. */
export function gapAfter(words: readonly Span[], at: number): number {
  const next = words[at + 1];
  return next === undefined ? 0 : next.startSec - wordAt(words, at).endSec;
}

/** The last word of the stretch that begins with word `first`: the last one of all, or the one before the longest pause. */
function chooseLast(words: readonly PlacedWord[], first: number, count: number): number {
  const fromSec = wordAt(words, first).startSec;
  const spanSec = (at: number): number => wordAt(words, at).endSec - fromSec;
  if (spanSec(count - 1) <= STRETCH_MAX_SEC) return count - 1;
  let best = first;
  for (let at = first + 1; at < count && spanSec(at) <= STRETCH_MAX_SEC; at++) {
    if (spanSec(best) < STRETCH_MIN_SEC || gapAfter(words, at) >= gapAfter(words, best)) best = at;
  }
  return best;
}

function wordAt<Word extends Span>(words: readonly Word[], at: number): Word {
  return must(words[at], 'a word of a stretch');
}
