import assert from 'node:assert/strict';
import { test } from 'uvu';
import { must } from '../../src/base/must.ts';
import { assertMissing } from '../support/missing.ts';

test('a value that is present is returned unchanged, also 0, an empty text and false', () => {
  for (const value of [0, '', false, Number.NaN]) assert.ok(Object.is(must(value, 'a value'), value));
});

test('a missing value is an internal error that names it', () => {
  for (const value of [null, undefined])
    assertMissing(() => must(value, 'the number of a word'), 'the number of a word');
});

test.run();
