import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TierNames } from '../../../src/formats/eaf/tier-names.ts';

test('each name is given once, whatever is there already', () => {
  const names = new TierNames(['anna', 'anna (3)']);
  assert.deepEqual(
    ['anna', 'anna', 'ben', 'anna (2)', 'ben'].map((name) => names.take(name)),
    ['anna (2)', 'anna (4)', 'ben', 'anna (2) (2)', 'ben (2)'],
  );
});

test('very many tiers of one name cost no more than others', () => {
  const names = new TierNames();
  for (let count = 0; count < 50_000; count++) names.take('anna');
  assert.equal(names.take('anna'), 'anna (50001)');
});

test.run();
