import { gapAfter, group, groupRows, middleOfPause, type PlacedWord, type Span } from '../stretches.ts';
import type { Anchor } from './anchors.ts';
import type { Stretch } from './job.ts';
import { addGaps, toPlaced, toStretches } from './stretches.ts';

/** A window of the audio, with the words that may be spoken in it. */
export interface Window extends Span {
  /** Place of the first word in the utterance, from 0. */
  readonly firstWord: number;
  readonly wordCount: number;
}

/** Finds words in the audio. Times are seconds from the start of the file. */
export interface WordFinder {
  /**
   * Finds the words in their order, from the first one on, as many as are spoken.
   * @param isWhole - whether all words are spoken in the window
   * @returns null: there is no path through the audio
   */
  follow(window: Window, isWhole: boolean): Promise<Followed | null>;
  /** Finds the words that are spoken, even if the text has mistakes. It takes longer than `follow`. */
  search(window: Window): Promise<Searched>;
}

export interface Followed {
  readonly words: readonly Span[];
  /** Whether some words up to this time fit so badly that they may not be spoken, or speech may be missing between them. */
  isDoubtful(untilSec: number): boolean;
}

export interface Searched {
  readonly anchors: readonly Anchor[];
  /** Speech that is not in the text, in time order. */
  readonly others: readonly Span[];
}

export interface LongUtterance extends Span {
  readonly wordCount: number;
  /** Whether the model is of another language. If so, wrong words can be followed as well as right ones, so all is searched. */
  readonly isForeign?: boolean;
}

export interface Divided {
  /** In time order. Words that were not found are in none of them. */
  readonly stretches: readonly Stretch[];
  /** Speech that is not in the text, as far as it was found. */
  readonly others: readonly Span[];
}

/** Limits of a window: the time of a search grows with the length of its audio and of its text. */
const WINDOW_SEC = 60;
const SEARCH_MAX_WORDS = 2000;
/** Words this close to the end of a window are not sure: with more audio, the best path may be another one. */
const UNSURE_SEC = 8;
/** The next window begins at the longest pause in so many last seconds of sure words. */
const PAUSE_SEARCH_SEC = 15;
/** How many words may be spoken in a window: a multiple of its share of the words that are left, and some more. */
const WORDS_FACTOR = 1.5;
const WORDS_MIN = 30;
/** A search had enough words if it did not find the last UNHEARD_MIN, and heard at most OTHERS_SEC of other speech after those found. */
const UNHEARD_MIN = 10;
const OTHERS_SEC = 8;
/** A search agrees with followed words if each word begins within this time of the other result. */
const SAME_SEC = 0.2;
/** If less than this share of the words and of the audio was found, the text belongs to another recording. */
const MIN_SHARE = 0.1;

interface NextWindow extends Window {
  /** In the window before, no word was found, so the next words may be much later in the text. */
  readonly isFar: boolean;
}

/** The outcome of one window. */
interface Step extends Divided {
  /** Sure words, in the order of the text. */
  readonly words: readonly PlacedWord[];
  /** Where the next window begins. */
  readonly nextSec: number;
}

/**
 * Divides a long utterance at its pauses into stretches of at most 30 s. The words of each stretch are found in windows of a minute.
 * Each window begins at a pause near the end of the window before, with the words that are left. The words are followed one by
 * one. If this fails or is doubtful, the window is searched, and words that are not said and speech that is not in the text are
 * left out.
 */
export async function divide(utterance: LongUtterance, finder: WordFinder): Promise<Divided> {
  const steps: Step[] = [];
  let { startSec } = utterance;
  let firstWord = 0;
  let hasOthers = false;
  // After the last word, the rest is only searched for other speech.
  while (firstWord < utterance.wordCount || (hasOthers && startSec + UNSURE_SEC < utterance.endSec)) {
    const isLast = utterance.endSec - startSec <= WINDOW_SEC + UNSURE_SEC;
    const endSec = isLast ? utterance.endSec : startSec + WINDOW_SEC;
    const wordCount = utterance.wordCount - firstWord;
    const isFar = steps.at(-1)?.words.length === 0;
    const window = { startSec, endSec, firstWord, wordCount, isFar };
    const step = await takeWindow(utterance, window, isLast, finder);
    steps.push(step);
    if (isLast) break;
    startSec = step.nextSec;
    firstWord = (step.words.at(-1)?.at ?? firstWord - 1) + 1;
    hasOthers ||= step.others.length > 0;
  }
  const words = steps.flatMap((step) => step.words);
  const others = steps.flatMap((step) => step.others);
  if (others.length > 0 && isByChance(utterance, words)) return { stretches: [], others: [] };
  const stretches = steps.flatMap((step) => step.stretches);
  if (utterance.isForeign === true) return { stretches, others };
  return { stretches: addGaps(stretches, words, utterance.wordCount, utterance), others };
}

async function takeWindow(
  utterance: LongUtterance,
  window: NextWindow,
  isLast: boolean,
  finder: WordFinder,
): Promise<Step> {
  const { endSec } = window;
  const sureSec = isLast ? endSec : endSec - UNSURE_SEC;
  const cannotFollow = window.wordCount === 0 || utterance.isForeign === true;
  const followed = cannotFollow ? null : await follow(utterance, window, isLast, finder);
  const placed = toPlaced(followed?.words ?? [], window.firstWord);
  const count = followed?.isWhole ? placed.length : countSure(placed, sureSec);
  const words = placed.slice(0, count);
  const kept: Step = {
    words,
    stretches: toStretches(group(placed, count, window), 'text'),
    others: [],
    // Only silence, or one endless word: go on after it.
    nextSec: count === 0 ? endSec - UNSURE_SEC : middleOfPause(placed, count, endSec),
  };
  if (followed !== null && !followed.isDoubtful(followed.isWhole ? endSec : sureSec)) return kept;
  const searched = await search(utterance, window, finder);
  if (followed === null || !agrees(searched.anchors, words)) return cut(searched, window, sureSec);
  return { ...kept, others: searched.others.filter((other) => other.startSec < kept.nextSec) };
}

/** The sure part of a search. The next window begins after it. */
function cut({ anchors, others }: Searched, { startSec, endSec }: Span, sureSec: number): Step {
  const count = sureSec === endSec ? anchors.length : countSure(anchors, sureSec);
  const words = anchors.slice(0, count);
  const reachedSec = words.at(-1)?.endSec ?? startSec;
  const nextSec = reachedSec < sureSec - PAUSE_SEARCH_SEC ? sureSec : middleOfPause(anchors, count, endSec);
  return {
    words,
    stretches: toStretches(groupRows(words, others, { startSec, endSec: nextSec }), 'search'),
    others: others.filter((other) => other.startSec < nextSec),
    nextSec,
  };
}

async function follow(
  utterance: LongUtterance,
  window: Window,
  isLast: boolean,
  finder: WordFinder,
): Promise<(Followed & { readonly isWhole: boolean }) | null> {
  if (isLast) {
    const whole = await finder.follow(window, true);
    return whole === null ? null : { ...whole, isWhole: true };
  }
  for (let count = likelyWordCount(utterance, window); ; count *= 2) {
    const tried = Math.min(count, window.wordCount);
    const some = await finder.follow({ ...window, wordCount: tried }, false);
    // If all words were used, more may be spoken, and the last ones may be stretched over the rest: try twice as many.
    if (some === null || some.words.length < tried || tried === window.wordCount)
      return some === null ? null : { ...some, isWhole: false };
  }
}

/** Searches few words first, which is much faster, and enough unless the text has a long part that is not said. */
async function search(utterance: LongUtterance, window: NextWindow, finder: WordFinder): Promise<Searched> {
  const { isFar } = window;
  const wordCount = Math.min(window.wordCount, SEARCH_MAX_WORDS);
  const fewCount = likelyWordCount(utterance, window);
  if (utterance.isForeign !== true && !isFar && fewCount < wordCount) {
    const few = await finder.search({ ...window, wordCount: fewCount });
    if (areEnough(few, window.firstWord + fewCount)) return few;
  }
  return finder.search({ ...window, wordCount });
}

/** How many words may be spoken in the window. Not more, since following and searching take longer with each word. */
function likelyWordCount(utterance: LongUtterance, window: Window): number {
  const share = (window.endSec - window.startSec) / (utterance.endSec - window.startSec);
  return Math.ceil(WORDS_MIN + window.wordCount * share * WORDS_FACTOR);
}

function areEnough({ anchors, others }: Searched, endWord: number): boolean {
  const last = anchors.at(-1);
  if (last === undefined || last.at >= endWord - UNHEARD_MIN) return false;
  return sumSec(others.filter(({ startSec }) => startSec >= last.endSec)) <= OTHERS_SEC;
}

function sumSec(spans: readonly Span[]): number {
  return spans.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
}

/** How many words end before `untilSec`, up to the longest of the last pauses. */
function countSure(words: readonly Span[], untilSec: number): number {
  const isLate = (word: Span | undefined) => word !== undefined && word.endSec > untilSec - PAUSE_SEARCH_SEC;
  let best = words.filter(({ endSec }) => endSec <= untilSec).length - 1;
  for (let at = best; isLate(words[at]); at--) {
    if (gapAfter(words, at) > gapAfter(words, best)) best = at;
  }
  return best + 1;
}

/** Whether a search heard all these words, at the same places. */
export function agrees(anchors: readonly Anchor[], words: readonly PlacedWord[]): boolean {
  return (
    words.length > 0 &&
    words.every(({ at, startSec }, index) => {
      const anchor = anchors[index];
      return anchor?.at === at && Math.abs(anchor.startSec - startSec) <= SAME_SEC;
    })
  );
}

function isByChance(utterance: LongUtterance, words: readonly PlacedWord[]): boolean {
  const isLittleAudio = sumSec(words) < MIN_SHARE * (utterance.endSec - utterance.startSec);
  return isLittleAudio && words.length < MIN_SHARE * utterance.wordCount;
}
