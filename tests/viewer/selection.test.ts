import assert from 'node:assert/strict';
import { test } from 'uvu';
import {
  cursorAt,
  describeSelection,
  extendTo,
  nextInterval,
  otherTier,
  selectAt,
} from '../../src/page/viewer/selection.ts';
import { indexAt, indexFrom, toTier } from '../../src/page/viewer/tier.ts';

const words = toTier({
  name: 'ann - word',
  role: 'words',
  speaker: 'ann',
  intervals: [
    [0, 1, ''],
    [1, 2, 'good'],
    [2, 3, ''],
    [3, 4, 'day'],
  ],
});
const phones = toTier({
  name: 'ann - phone',
  role: 'phones',
  speaker: 'ann',
  intervals: [
    [0, 1, ''],
    [1, 1.5, 'G', 'ɡ'],
    [1.5, 4, 'UH1', 'ʊ'],
  ],
});
const tiers = [phones, words];

test('the interval at a time is found, at a boundary the later one', () => {
  assert.deepEqual(
    [0, 0.99, 1, 3.5, 4].map((sec) => indexAt(words, sec)),
    [0, 0, 1, 3, 4],
  );
  assert.deepEqual(
    [0, 0.5, 1, 9].map((sec) => indexFrom(words, sec)),
    [0, 1, 1, 4],
  );
});

test('stepping skips intervals without labels, and stops at the last one', () => {
  const good = selectAt(tiers, 1, 1.5) ?? assert.fail();
  const day = nextInterval(tiers, good, 1) ?? assert.fail();
  assert.deepEqual([day.from, day.to, day.index], [3, 4, 3]);
  assert.equal(nextInterval(tiers, day, 1), null);
  assert.deepEqual(nextInterval(tiers, day, -1), good);
});

test('from the cursor, stepping goes through the words', () => {
  assert.equal(nextInterval(tiers, cursorAt(0.5), 1)?.from, 1);
  assert.equal(nextInterval(tiers, cursorAt(3.5), -1)?.from, 1);
});

test('another tier is selected at the same time', () => {
  const good = selectAt(tiers, 1, 1.5) ?? assert.fail();
  assert.equal(otherTier(tiers, good, -1)?.index, 1);
  assert.equal(otherTier(tiers, good, 1), null);
});

test('extending takes whole intervals, in both directions', () => {
  const good = selectAt(tiers, 1, 1.5) ?? assert.fail();
  const { from, to } = extendTo(tiers, good, 3.2);
  assert.deepEqual([from, to], [1, 4]);
  assert.equal(extendTo(tiers, good, 0.2).from, 0);
});

test('a screen reader says label, tier, times and length', () => {
  const good = selectAt(tiers, 1, 1.5) ?? assert.fail();
  assert.equal(describeSelection(tiers, good, false), 'good: ann - word, 2 of 4, 1.000 to 2.000 s, 1000 ms');
  assert.match(describeSelection(tiers, selectAt(tiers, 0, 1.2) ?? assert.fail(), true), /^ɡ: ann - phone/);
  assert.equal(describeSelection(tiers, cursorAt(0.25), false), 'Cursor at 0.250 s');
});

test.run();
