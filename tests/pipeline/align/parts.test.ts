import assert from 'node:assert/strict';
import { test } from 'uvu';
import { joinShort, type Part, toPart } from '../../../src/pipeline/align/parts.ts';
import type { PreparedUtterance } from '../../../src/pipeline/prepared.ts';
import { assertMissing } from '../../support/missing.ts';

const WORDS = 'a b c d e f'.split(' ');
const UTTERANCE: PreparedUtterance = { interval: 1, startSec: 0, endSec: 10, words: WORDS, written: WORDS };

function part(startSec: number, endSec: number, ...places: number[]): Part {
  return toPart(UTTERANCE, { startSec, endSec }, places);
}

function joined(...parts: Part[]): [number, number, string][] {
  return joinShort(UTTERANCE, parts).map(({ startSec, endSec, words }) => [
    startSec,
    endSec,
    words.join(' '),
  ]);
}

test('a part that is too short for any engine goes with the nearer of its neighbours, and loses no word', () => {
  assert.deepEqual(joined(part(0, 1, 0), part(1.1, 1.15, 1), part(2, 3, 3)), [
    [0, 1.15, 'a b'],
    [2, 3, 'd'],
  ]);
  assert.deepEqual(joined(part(0, 1, 0), part(1.8, 1.85, 1), part(2, 3, 3)), [
    [0, 1, 'a'],
    [1.8, 3, 'b d'],
  ]);
});

test('the first and the last part can be too short, and several in a row', () => {
  assert.deepEqual(joined(part(0, 0.05, 0), part(0.5, 1, 1)), [[0, 1, 'a b']]);
  assert.deepEqual(joined(part(0, 1, 0), part(3, 3.05, 1)), [[0, 3.05, 'a b']]);
  assert.deepEqual(joined(part(1, 1.05, 0), part(1.06, 1.1, 1), part(1.11, 1.15, 2)), [[1, 1.15, 'a b c']]);
  assert.deepEqual(
    joined(part(0, 1, 0), part(5, 5.02, 1), part(5.03, 5.05, 2)).flatMap(([, , words]) => words),
    ['a b c'],
  );
});

test('a part that is alone gets more time, inside of its utterance', () => {
  assert.deepEqual(joined(part(5, 5.05, 0)), [[4.95, 5.05, 'a']]);
  assert.deepEqual(joined(part(0, 0.05, 0)), [[0, 0.1, 'a']]);
});

test('a place that the utterance does not have is a named fault', () => {
  assertMissing(() => part(0, 1, 6), 'word 6 of an utterance that has 6');
});

test.run();
