import assert from 'node:assert/strict';
import { test } from 'uvu';
import { spanOf } from '../../../src/engines/sphinx/job.ts';
import { collectTiers, numberWords, planItems } from '../../../src/engines/sphinx/plan.ts';
import { fileOf, requestOf } from '../../../testing/htk.ts';
import { assertMissing } from '../../support/missing.ts';

const REQUEST = requestOf('SPHINX', [], [fileOf('a', '/a.wav', [[0, 1, 'one two']])]);
const PHONES = [
  { label: 'AH', startSec: 0.1, endSec: 0.2 },
  { label: 'N', startSec: 0.2, endSec: 0.4 },
];

test('a word has the time from its first phone to its last', () => {
  assert.deepEqual(spanOf(PHONES), { startSec: 0.1, endSec: 0.4 });
  const [tier] = collectTiers(REQUEST, [{ utterance: 0, firstWord: 1, words: [PHONES], doubt: null }], []);
  assert.deepEqual(tier?.words, [{ label: 'two', startSec: 0.1, endSec: 0.4, phones: PHONES, at: 1 }]);
});

test('a missing part of the plan or its outcome is an internal error, never a wrong word or time', () => {
  assert.deepEqual(planItems(REQUEST, numberWords(REQUEST))[0]?.words, [0, 1]);
  assertMissing(() => planItems(REQUEST, new Map([['one', 0]])), 'the number of a word');
  const found = { utterance: 0, firstWord: 2, words: [PHONES], doubt: null };
  assertMissing(() => collectTiers(REQUEST, [found], []), 'word 2 of an utterance that has 2');
  assertMissing(() => spanOf([]), 'the phones of a word');
});

test.run();
