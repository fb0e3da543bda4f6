import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { WordInPlace } from '../../../src/pipeline/align/match.ts';
import { cutWhole } from '../../../src/pipeline/align/whole-parts.ts';
import type { PreparedUtterance } from '../../../src/pipeline/prepared.ts';

/** One word per second. */
const WORDS = Array.from({ length: 100 }, (_, at) => `w${at}`);
const UTTERANCE: PreparedUtterance = { interval: 1, startSec: 0, endSec: 100, words: WORDS, written: WORDS };
const RULE = { pauseSec: 0.2, rowLength: 2 };

/** Each word starts at the beginning of its second and has this length. */
function found(at: number, sec = 0.7): WordInPlace {
  return { label: `w${at}`, at, startSec: at, endSec: at + sec, phones: [] };
}

function cut(words: readonly WordInPlace[], rule = RULE): [number, number][] {
  const parts = cutWhole(UTTERANCE, words, rule);
  assert.deepEqual(
    parts.flatMap((part) => part.words),
    WORDS,
  );
  assert.deepEqual(
    parts.slice(1).map(({ startSec }) => startSec),
    parts.slice(0, -1).map(({ endSec }) => endSec),
  );
  return parts.map(({ startSec, endSec }) => [startSec, endSec]);
}

test('parts have all words and all time, and end in the longest pauses, before 25 s', () => {
  const words = WORDS.map((_, at) => found(at, at === 15 || at === 3 ? 0.4 : 0.7));
  const parts = cut(words);
  assert.deepEqual(parts[0], [0, 15.7]);
  assert.ok(parts.every(([startSec, endSec]) => endSec - startSec <= 25));
});

test('nothing is cut beside words that were not found, or where there is no pause', () => {
  const words = [...WORDS.keys()].filter((at) => at < 20 || at > 80).map((at) => found(at));
  assert.deepEqual(cut(words), [
    [0, 17.85],
    [17.85, 82.85],
    [82.85, 100],
  ]);
  assert.deepEqual(cut(words.map(({ at }) => found(at, 0.9))), [[0, 100]]);
  assert.deepEqual(cut([]), [[0, 100]]);
});

test('the more words have to follow each other around a cut, the fewer cuts there are', () => {
  const words = [...WORDS.keys()].filter((at) => at % 5 !== 4).map((at) => found(at));
  assert.ok(cut(words).length > 3);
  assert.deepEqual(cut(words, { ...RULE, rowLength: 3 }), [[0, 100]]);
});

test.run();
