import assert from 'node:assert/strict';
import { test } from 'uvu';
import { OTHER_SPEECH } from '../../../src/engines/sphinx/anchors.ts';
import { readHeard, toSearchGraph } from '../../../src/engines/sphinx/search-graph.ts';

const VOCABULARY = {
  words: [
    { pronunciations: ['K AE T'], minPhoneCount: 1 },
    { pronunciations: [], minPhoneCount: 2 },
  ],
  loopPhones: ['AA', 'B'],
};

test('any word can come first, and after any word other speech, or the next or the one after it', () => {
  const { arcs, startState, stateCount } = toSearchGraph([0, 1, 0, 0], VOCABULARY);
  const first = arcs.filter(({ from }) => from === startState).map(({ to }) => to);
  assert.deepEqual(first.slice(1), [0, 1, 2, 3]);
  const outside = first[0];
  assert.deepEqual(
    arcs.filter(({ to, token }) => to === outside && token === null).map(({ from }) => from),
    [startState, 1, 2, 3, 4, stateCount - 2],
  );
  assert.deepEqual(
    arcs.filter(({ token }) => token?.startsWith('w')).map(({ from, to, token }) => [from, to, token]),
    [
      [0, 1, 'w0'],
      [2, 3, 'w0'],
      [3, 4, 'w0'],
      // A word without a pronunciation is never skipped.
      [2, 4, 'w0'],
    ],
  );
});

test('phones of other speech are one stretch, silence is nothing', () => {
  const heard = readHeard([
    { t: '<sil>', b: 0, d: 0.5, p: 1 },
    { t: 'w0(2)', b: 0.5, d: 0.5, p: Math.exp(-0.1) },
    { t: 'u1', b: 1, d: 0.25, p: 1 },
    { t: 'u0', b: 1.25, d: 0.25, p: 1 },
    { t: 'b0', b: 1.5, d: 0.5, p: 1 },
  ]);
  assert.deepEqual(
    heard.map(({ word, startSec, endSec }) => [word, startSec, endSec]),
    [
      [0, 0.5, 1],
      [OTHER_SPEECH, 1, 1.5],
    ],
  );
  assert.ok(Math.abs((heard[0]?.score ?? 0) + 0.002) < 1e-9);
});

test.run();
