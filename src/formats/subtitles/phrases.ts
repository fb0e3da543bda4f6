import type { TimeSpan } from '../result.ts';
import { type Speaker, type SpokenWord, spokenWords } from '../result-words.ts';

/** Two lines of a screen, and the time that they may stand: more is not read. */
const MAX_CHARS = 84;
const MAX_SEC = 7;
/** After a longer pause the next phrase begins. */
const MAX_PAUSE_SEC = 0.7;

/** Words of one speaker that are shown together. */
export interface Phrase extends TimeSpan {
  readonly words: readonly [SpokenWord, ...SpokenWord[]];
}

/** The words of a speaker in phrases that fit on a screen; none reaches from one interval of the transcript into another. */
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

/**
 * The number of the interval that the middle of a word lies in. To be called with words in time order: one pass over
 * both lists.
 */
function intervalsInTurn(intervals: readonly TimeSpan[]): (word: TimeSpan) => number {
  let next = 0;
  return ({ startSec, endSec }) => {
    while (next < intervals.length && (intervals[next]?.endSec ?? 0) <= (startSec + endSec) / 2) next++;
    return next;
  };
}
