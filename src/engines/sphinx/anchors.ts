import { upperMedian } from '../../base/upper-median.ts';

/** The number of a heard word that is speech outside the text. */
export const OTHER_SPEECH = -1;

/** A word, or other speech, that was heard by a search. */
export interface HeardWord {
  /** Number of the word in the job, or OTHER_SPEECH. */
  readonly word: number;
  readonly startSec: number;
  readonly endSec: number;
  /** ln(probability) per frame: 0 is perfect. */
  readonly score: number;
}

/** A word of the text that was heard at a place of the audio. */
export interface Anchor {
  /** Place of the word in the text, from 0. */
  readonly at: number;
  readonly startSec: number;
  readonly endSec: number;
  readonly score: number;
  /** Its place among the heard words, from 0. */
  readonly row: number;
}

/**
 * The costs of a break, in words: fewer words in a row may have been heard by chance. Each word that is skipped also has a small cost:
 * otherwise, if a text is read twice, with a mistake the first time, the second reading would fit better. As a window has about
 * 150 words, no more than about 900 words that are not said can be skipped. Whole sentences are left out more often than parts
 * of them, so a side of a break without a pause costs more.
 */
const BREAK_COST = 2.5;
const SKIP_COST = 0.15;
const NO_PAUSE_COST = 0.75;
const PAUSE_SEC = 0.15;
/**
 * A word counts as 1 if its score is at least GOOD_FACTOR times the median (this limit is between GOOD_SCORE and a quarter of it).
 * With a worse score it counts less, down to MIN_WORTH.
 */
const GOOD_FACTOR = 1.5;
const GOOD_SCORE = -0.004;
const MIN_WORTH = -0.3;

/**
 * Finds the words that were heard in the order of the text: of all such choices, the one with the most words and the fewest breaks.
 * Time and memory grow with the product of both lengths.
 * @param text - word numbers
 */
export function findAnchors(heard: readonly HeardWord[], text: readonly number[]): Anchor[] {
  const width = text.length;
  // For each cell (a heard word and a place of the text): the best value of a choice that ends there, and the cell before it.
  const values = new Float32Array(heard.length * width);
  const before = new Int32Array(heard.length * width).fill(-1);
  // For each place of the text: the best choice so far that ends there, as if all words before it were skipped.
  const bestOfPlace = new Float32Array(width).fill(Number.NEGATIVE_INFINITY);
  const cellOfPlace = new Int32Array(width).fill(-1);
  let best = { value: 0, cell: -1 };
  const goodScore = findGoodScore(heard);
  for (const [row, { word, score, startSec, endSec }] of heard.entries()) {
    if (word === OTHER_SPEECH) continue;
    const worth = Math.max(MIN_WORTH, Math.min(1, 2 - score / goodScore));
    const enterCost = BREAK_COST + pauseCost(heard[row - 1]?.endSec, startSec);
    const leaveCost = pauseCost(endSec, heard[row + 1]?.startSec);
    let reached = { value: Number.NEGATIVE_INFINITY, cell: -1 };
    for (let at = 0; at < width; at++) {
      if (text[at] === word) {
        const last = (row - 1) * width + at - 1;
        const isNext = row > 0 && at > 0 && heard[row - 1]?.word === text[at - 1];
        const options = [
          { value: at === 0 && row === 0 ? 0 : -enterCost - SKIP_COST * at, cell: -1 },
          { value: reached.value - enterCost - SKIP_COST * at, cell: reached.cell },
          ...(isNext ? [{ value: values[last] ?? 0, cell: last }] : []),
        ];
        const chosen = options.reduce((one, other) => (other.value > one.value ? other : one));
        const cell = row * width + at;
        values[cell] = chosen.value + worth;
        before[cell] = chosen.cell;
        if ((values[cell] ?? 0) > best.value) best = { value: values[cell] ?? 0, cell };
      }
      const value = bestOfPlace[at] ?? 0;
      if (value > reached.value) reached = { value, cell: cellOfPlace[at] ?? -1 };
    }
    for (let at = 0; at < width; at++) {
      const cell = row * width + at;
      const value = (values[cell] ?? 0) - leaveCost + SKIP_COST * at;
      if (text[at] === word && value > (bestOfPlace[at] ?? 0)) {
        bestOfPlace[at] = value;
        cellOfPlace[at] = cell;
      }
    }
  }
  const anchors: Anchor[] = [];
  for (let cell = best.cell; cell >= 0; cell = before[cell] ?? -1) {
    const row = Math.floor(cell / width);
    const { startSec = 0, endSec = 0, score = 0 } = heard[row] ?? {};
    anchors.push({ at: cell % width, startSec, endSec, score, row });
  }
  return anchors.reverse();
}

function findGoodScore(heard: readonly HeardWord[]): number {
  const scores = heard.flatMap(({ word, score }) => (word === OTHER_SPEECH ? [] : [score]));
  const median = upperMedian(scores);
  // The limit is never 0: otherwise all words that do not fit perfectly would be bad.
  return Math.max(GOOD_SCORE, Math.min(GOOD_FACTOR * median, GOOD_SCORE / 4));
}

function pauseCost(beforeSec: number | undefined, afterSec: number | undefined): number {
  const pauseSec = (afterSec ?? Number.POSITIVE_INFINITY) - (beforeSec ?? Number.NEGATIVE_INFINITY);
  return pauseSec < PAUSE_SEC ? NO_PAUSE_COST : 0;
}
