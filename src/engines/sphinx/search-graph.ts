import type { Segment } from 'soundswallower';
import { type HeardWord, OTHER_SPEECH } from './anchors.ts';
import { isUnknown, type Vocabulary } from './grammar.ts';

/** A finite-state grammar in which any part of the text can be spoken, in any order, with other speech in between. */
export interface SearchGraph {
  readonly stateCount: number;
  readonly startState: number;
  readonly finalState: number;
  readonly arcs: readonly Arc[];
}

export interface Arc {
  readonly from: number;
  readonly to: number;
  /** Word of the decoder's dictionary; null: nothing is spoken. */
  readonly token: string | null;
  readonly chance: number;
}

/** A pause outside the text. Its phone is the model's silence. */
export const BREAK_TOKEN = 'b0';
/**
 * Chance of leaving the text after a word, of one more phone outside it, and of coming back to a certain word. Outside the text,
 * every sound fits, so these chances must be small. But if all three together are less likely than the beam allows, the first
 * word after a break is lost.
 */
const LEAVE_CHANCE = 1e-2;
const PHONE_CHANCE = 0.1;
const ENTER_CHANCE = 0.03;
/**
 * Chance that a single word is not said (skip arcs of Kouzelis et al. 2023, arXiv 2306.00996). In a text with one wrong additional
 * word in each of 22 sentences, 20 of these words were found with skip arcs, and 16 without. With 0.01 and 0.0001 the numbers
 * were the same.
 */
const SKIP_CHANCE = 1e-3;
const WORD_TOKEN = /^w(\d+)(?:\(\d+\))?$/;
const LOOP_TOKEN = /^u\d+$/;
const FRAMES_PER_SEC = 100;

/**
 * Makes a graph of the words in their order and a loop over all phones. A word can be skipped if it and the word before it have known
 * pronunciations. The loop can be entered after any word and left, after a phone or a pause, before any word. A word without a
 * known pronunciation is not in the graph: the loop stands for it.
 */
export function toSearchGraph(words: readonly number[], vocabulary: Vocabulary): SearchGraph {
  const { loopPhones } = vocabulary;
  const outside = words.length + 1;
  const heard = words.length + 2;
  const start = words.length + 3;
  const arcs: Arc[] = [{ from: start, to: outside, token: null, chance: 1 }];
  for (const [at, word] of words.entries()) {
    arcs.push({ from: start, to: at, token: null, chance: ENTER_CHANCE });
    arcs.push({ from: heard, to: at, token: null, chance: ENTER_CHANCE });
    arcs.push({ from: at + 1, to: outside, token: null, chance: LEAVE_CHANCE });
    if (isUnknown(word, vocabulary)) continue;
    arcs.push({ from: at, to: at + 1, token: `w${word}`, chance: 1 });
    const before = words[at - 1];
    if (before !== undefined && !isUnknown(before, vocabulary))
      arcs.push({ from: at - 1, to: at + 1, token: `w${word}`, chance: SKIP_CHANCE });
  }
  for (const at of loopPhones.keys()) {
    arcs.push({ from: outside, to: heard, token: `u${at}`, chance: PHONE_CHANCE / loopPhones.length });
  }
  arcs.push({ from: outside, to: heard, token: BREAK_TOKEN, chance: PHONE_CHANCE });
  arcs.push({ from: heard, to: outside, token: null, chance: 1 });
  return { stateCount: words.length + 4, startState: start, finalState: heard, arcs };
}

/**
 * Reads what was heard, in time order. A stretch of other speech becomes one word, OTHER_SPEECH.
 * @param segments - the result of the decoder for such a graph
 */
export function readHeard(segments: readonly Segment[]): HeardWord[] {
  const heard: HeardWord[] = [];
  for (const { t, b, d, p } of segments) {
    const number = WORD_TOKEN.exec(t)?.[1];
    const last = heard.at(-1);
    if (number !== undefined) {
      heard.push({
        word: Number(number),
        startSec: b,
        endSec: b + d,
        score: Math.log(p) / (d * FRAMES_PER_SEC),
      });
    } else if (LOOP_TOKEN.test(t)) {
      if (last?.word !== OTHER_SPEECH)
        heard.push({ word: OTHER_SPEECH, startSec: b, endSec: b + d, score: 0 });
      else heard.splice(-1, 1, { ...last, endSec: b + d });
    }
  }
  return heard;
}
