import assert from 'node:assert/strict';
import { test } from 'uvu';
import { SimilarNames } from '../../src/pipeline/prepare/similar-names.ts';

test('of very long names, only a few are compared', () => {
  const names = [...'abcdefghijklmnopqrst'].map((letter) => `${letter.repeat(700)}.wav`);
  const similar = new SimilarNames(names);
  const found = [1, 2].map(() => similar.find(`${'a'.repeat(699)}x.TextGrid`));
  assert.deepEqual(found, [names[0], null]);
});

test.run();
