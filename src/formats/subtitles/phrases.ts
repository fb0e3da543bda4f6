import type { TimeSpan } from '../result.ts';
import { type Speaker, type SpokenWord, spokenWords } from '../result-words.ts';

/** The longest phrase that viewers can read: two lines on a screen, shown for 7 s. */
const MAX_CHARS = 84;
const MAX_SEC = 7;
/** After a longer pause, the next phrase begins. */
const MAX_PAUSE_SEC = 0.7;

/** Words of one speaker that are shown together. */
export interface Phrase extends TimeSpan {
  readonly words: readonly [SpokenWord, ...SpokenWord[]];
}

/** Divides the words of a speaker into phrases that fit on a screen. All words of a phrase are in one interval of the transcript. */
export function* phrasesOf(speaker: Speaker): Generator<Phrase, void> {
  const intervalOf = intervalsInTurn(speaker.trans?.intervals ?? []);
  let words: [SpokenWord, ...SpokenWord[]] | null = null;
  let chars = 0;
  let interval = -1;
  for (const word of spokenWords(speaker)) {
    if (word.number === null) continue;
    const own = intervalOf(word);
    chars += 1 + word.text.length;
    if (words !== null && own === interval && chars <= MAX_CHARS && isTogether(words, word)) {
      words.push(word);
      continue;
    }
    if (words !== null) yield toPhrase(words);
    words = [word];
    chars = word.text.length;
    interval = own;
  }
  if (words !== null) yield toPhrase(words);
}

function isTogether([first, ...others]: readonly [SpokenWord, ...SpokenWord[]], word: SpokenWord): boolean {
  const last = others.at(-1) ?? first;
  return word.startSec - last.endSec <= MAX_PAUSE_SEC && word.endSec - first.startSec <= MAX_SEC;
}

function toPhrase(words: readonly [SpokenWord, ...SpokenWord[]]): Phrase {
  return { startSec: words[0].startSec, endSec: (words.at(-1) ?? words[0]).endSec, words };
}

/** Makes a function that gives the number of the interval with the middle of a word. It must get the words in time order. */
function intervalsInTurn(intervals: readonly TimeSpan[]): (word: TimeSpan) => number {
  let next = 0;
  return ({ startSec, endSec }) => {
    while (next < intervals.length && (intervals[next]?.endSec ?? 0) <= (startSec + endSec) / 2) next++;
    return next;
  };
}
