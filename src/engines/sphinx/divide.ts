import { gapAfter, group, groupRows, middleOfPause, type PlacedWord, type Span } from '../stretches.ts';
import type { Anchor } from './anchors.ts';
import type { Stretch } from './job.ts';
import { addGaps, toPlaced, toStretches } from './stretches.ts';

/** A window of the audio, with the words of the text that may be spoken in it. */
export interface Window extends Span {
  /** Place within the utterance of the first word. */
  readonly firstWord: number;
  readonly wordCount: number;
}

/** How words are found in the audio. Times are seconds from the start of the file. */
export interface WordFinder {
  /**
   * Finds the words one after the other, from the first to as many as are spoken.
   * @param isWhole - whether all of them are
   * @returns null: there is no way through the audio
   */
  follow(window: Window, isWhole: boolean): Promise<Followed | null>;
  /** Finds whatever is spoken of the words. It takes longer, and can stand mistakes in the text. */
  search(window: Window): Promise<Searched>;
}

export interface Followed {
  readonly words: readonly Span[];
  /** Whether a word up to this time fits so badly that it may not be spoken. */
  isDoubtful(untilSec: number): boolean;
}

export interface Searched {
  readonly anchors: readonly Anchor[];
  /** Speech that is not in the text, in time order. */
  readonly others: readonly Span[];
}

export interface LongUtterance extends Span {
  readonly wordCount: number;
  /** Whether a model of another language is used: it follows the wrong words as well as the right ones. */
  readonly isForeign?: boolean;
}

export interface Divided {
  /** In time order. Words that cannot be found are in none of them. */
  readonly stretches: readonly Stretch[];
  /** Speech that is not in the text, as far as it was noticed. */
  readonly others: readonly Span[];
}

/** The time of a search grows with the length of audio and of text. */
const WINDOW_SEC = 60;
const SEARCH_MAX_WORDS = 2000;
/** The best path up to now may still change this close to the end of a window. */
const UNSURE_SEC = 8;
/** The next window begins at the longest pause within the last seconds of sure words. */
const PAUSE_SEARCH_SEC = 15;
/** Words that may be spoken in a window: a multiple of its share of the words that are left, and some more. */
const WORDS_FACTOR = 1.5;
const WORDS_MIN = 30;
/**
 * A search had enough words if it did not find this number of the last ones, and after the last that it found less than
 * this time is left.
 */
const UNHEARD_MIN = 10;
const OTHERS_SEC = 8;
/** Two ways to find words agree if they place each word within this time. */
const SAME_SEC = 0.2;
/**
 * If less than this share of the words and of the audio was found, it was found by chance: the text belongs to another
 * recording.
 */
const MIN_SHARE = 0.1;

interface LookedAt extends Window {
  /** In the window before no word was found, so that the next one may stand much later in the text. */
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
 * Cuts a long utterance into stretches of at most 30 s at its pauses. Which words are spoken between the pauses is
 * found in windows of a minute: each takes up at a pause before the end of the last, with the words that are left. They
 * are followed word by word; a window in which this goes wrong is searched, and words that are not said, or speech that
 * is not in the text, left out.
 */
export async function divide(utterance: LongUtterance, finder: WordFinder): Promise<Divided> {
  const steps: Step[] = [];
  let { startSec } = utterance;
  let firstWord = 0;
  let hasOthers = false;
  // If no word is left, only the other speech.
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
  window: LookedAt,
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
    // Nothing but silence, or one endless word: go on behind it.
    nextSec: count === 0 ? endSec - UNSURE_SEC : middleOfPause(placed, count, endSec),
  };
  if (followed !== null && !followed.isDoubtful(followed.isWhole ? endSec : sureSec)) return kept;
  const searched = await search(utterance, window, finder);
  if (followed === null || !agrees(searched.anchors, words)) return cut(searched, window, sureSec);
  return { ...kept, others: searched.others.filter((other) => other.startSec < kept.nextSec) };
}

/** The part of a search that is sure. The window has been searched up to there, so the next one begins after it. */
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
    // All used up: speech is denser here than in the rest, and the last words were stretched over what follows.
    if (some === null || some.words.length < tried || tried === window.wordCount)
      return some === null ? null : { ...some, isWhole: false };
  }
}

/** A few words are searched much sooner than many, and are enough unless the text has a long part that is not said. */
async function search(utterance: LongUtterance, window: LookedAt, finder: WordFinder): Promise<Searched> {
  const { isFar } = window;
  const wordCount = Math.min(window.wordCount, SEARCH_MAX_WORDS);
  const fewCount = likelyWordCount(utterance, window);
  if (utterance.isForeign !== true && !isFar && fewCount < wordCount) {
    const few = await finder.search({ ...window, wordCount: fewCount });
    if (areEnough(few, window.firstWord + fewCount)) return few;
  }
  return finder.search({ ...window, wordCount });
}

/**
 * As many words as may be spoken in the window, and no more, since following and searching take longer with each word.
 */
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

/** How many words, up to the longest of the last pauses, end before `untilSec`. */
function countSure(words: readonly Span[], untilSec: number): number {
  const isLate = (word: Span | undefined) => word !== undefined && word.endSec > untilSec - PAUSE_SEARCH_SEC;
  let best = words.filter(({ endSec }) => endSec <= untilSec).length - 1;
  for (let at = best; isLate(words[at]); at--) {
    if (gapAfter(words, at) > gapAfter(words, best)) best = at;
  }
  return best + 1;
}

/** Whether the words were heard where they were found, up to the last of them. */
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
