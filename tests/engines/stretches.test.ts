import assert from 'node:assert/strict';
import { test } from 'uvu';
import { gapAfter, group, groupRows } from '../../src/engines/stretches.ts';
import { assertMissing } from '../support/missing.ts';

const ROOM = { startSec: 0, endSec: 10 };
const word = (at: number, startSec: number) => ({ at, startSec, endSec: startSec + 0.5 });

test('words with others between them are stretches of their own, and other speech belongs to none', () => {
  const words = [word(0, 1), word(1, 2), word(3, 5)];
  const other = { startSec: 3, endSec: 4 };
  assert.deepEqual(groupRows(words, [other], ROOM), [
    { startSec: 0.7, endSec: 2.75, firstWord: 0, wordCount: 2 },
    { startSec: 4.7, endSec: 5.8, firstWord: 3, wordCount: 1 },
  ]);
});

test('a stretch with more words than there are is an internal error', () => {
  assert.equal(group([word(0, 1), word(1, 2)], 1, ROOM).length, 1);
  assertMissing(() => group([word(0, 1)], 2, ROOM), 'a word of a stretch');
  assertMissing(() => gapAfter([word(0, 1)], -1), 'a word of a stretch');
});

test.run();
