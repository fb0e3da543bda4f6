import assert from 'node:assert/strict';
import { test } from 'uvu';
import { must } from '../../../src/base/must.ts';
import { planCut, replaceLost } from '../../../src/pipeline/align/cut.ts';
import type { WordInPlace } from '../../../src/pipeline/align/match.ts';
import type { Part } from '../../../src/pipeline/align/parts.ts';
import type { SpokenGap } from '../../../src/pipeline/align/spoken-gaps.ts';
import type { PreparedUtterance } from '../../../src/pipeline/prepared.ts';

/** One word per second, which takes nearly the whole second. */
const WORDS = Array.from({ length: 60 }, (_, at) => `w${at}`);
const UTTERANCE: PreparedUtterance = { interval: 1, startSec: 0, endSec: 60, words: WORDS, written: WORDS };

function found(isFound: (at: number) => boolean): WordInPlace[] {
  const all = WORDS.map((label, at) => ({ label, at, startSec: at, endSec: at + 0.9, phones: [] }));
  return all.filter(({ at }) => isFound(at));
}

function gap(firstWord: number, kind: SpokenGap['kind']): SpokenGap {
  return { firstWord, wordCount: 1, startSec: firstWord - 0.1, endSec: firstWord + 1, kind };
}

const wordsOf = (parts: readonly Part[]): string[] => parts.flatMap(({ words }) => words);

test('words that may be said stay in the part around them, and are left out of what takes its place when it is lost', () => {
  const heard = { words: found((at) => at !== 10), unwritten: [], gaps: [gap(10, 'beside')] };
  const cut = planCut(UTTERANCE, heard, []);
  assert.deepEqual(wordsOf(cut.parts), WORDS);
  assert.deepEqual([...cut.unheard], [10]);
  const part = must(
    cut.parts.find(({ places }) => places.includes(10)),
    'the part of the word',
  );
  assert.ok(part.places.includes(9) && part.places.includes(11));
  const again = replaceLost(cut, (one) => one === part);
  assert.deepEqual(wordsOf(again.parts), WORDS.toSpliced(10, 1));
  assert.deepEqual(
    again.parts.filter((one) => !part.places.includes(one.places[0] ?? 0)),
    cut.parts.filter((one) => one !== part),
  );
  assert.equal(replaceLost(cut, () => false).parts.length, cut.parts.length);
});

test('the first and the last words stay, too', () => {
  for (const at of [0, 59]) {
    const heard = { words: found((one) => one !== at), unwritten: [], gaps: [gap(at, 'beside')] };
    const { parts } = planCut(UTTERANCE, heard, []);
    assert.deepEqual(wordsOf(parts), WORDS);
    assert.ok(parts.every(({ startSec, endSec }) => startSec >= -0.1 && endSec <= 60));
  }
});

test('if fewer than half of the words were found, parts have all words, and what was found takes the place of lost ones', () => {
  const speech = { startSec: 30, endSec: 40 };
  const heard = { words: found((at) => at < 20 || at > 55), unwritten: [speech], gaps: [] };
  const cut = planCut(UTTERANCE, heard, []);
  assert.deepEqual([wordsOf(cut.parts), cut.unwritten], [WORDS, []]);
  assert.ok(cut.parts.length > 1);
  const lost = cut.parts.find(({ places }) => places.includes(30));
  const again = replaceLost(cut, (one) => one === lost);
  assert.deepEqual(
    wordsOf(again.parts),
    WORDS.filter((_, at) => at < 20 || at > 55),
  );
  assert.deepEqual(again.unwritten, [speech]);
});

test.run();
