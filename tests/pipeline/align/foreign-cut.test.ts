import assert from 'node:assert/strict';
import { test } from 'uvu';
import { planForeignCut } from '../../../src/pipeline/align/foreign-cut.ts';
import type { WordInPlace } from '../../../src/pipeline/align/match.ts';
import type { PreparedUtterance } from '../../../src/pipeline/prepared.ts';

/** One word per second, each half a second long. */
const WORDS = Array.from({ length: 60 }, (_, at) => `w${at}`);
const UTTERANCE: PreparedUtterance = { interval: 1, startSec: 0, endSec: 60, words: WORDS, written: WORDS };
const FOUND = WORDS.map(
  (label, at): WordInPlace => ({ label, at, startSec: at, endSec: at + 0.5, phones: [] }),
);

function cutsOf(words: readonly WordInPlace[]): number[] {
  return planForeignCut(UTTERANCE, words, () => 5)
    .parts.slice(1)
    .map(({ startSec }) => startSec);
}

test('an utterance is cut between words that another language finds in a row, at the usual pace', () => {
  assert.deepEqual(cutsOf(FOUND), [24.75, 49.75]);
});

test('it is not cut beside words that are far too long or too short: others may be said there', () => {
  for (const sec of [1.4, 0.1]) {
    const odd = FOUND.map((word, at) =>
      at >= 20 && at < 30 ? { ...word, startSec: at, endSec: Math.min(at + sec, at + 0.99) } : word,
    ).map((word, at) => (at >= 20 && at < 30 && sec > 1 ? { ...word, label: 'ah' } : word));
    const count = (word: string) => (word === 'ah' ? 1 : 5);
    const cuts = planForeignCut(UTTERANCE, odd, count).parts.slice(1);
    assert.ok(cuts.length > 0);
    for (const { startSec } of cuts) assert.ok(startSec < 18 || startSec > 32, `${startSec} s`);
  }
});

test('where nothing was found, it stays whole', () => {
  assert.deepEqual(cutsOf([]), []);
});

test.run();
