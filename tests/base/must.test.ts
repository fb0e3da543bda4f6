import assert from 'node:assert/strict';
import { test } from 'uvu';
import { must } from '../../src/base/must.ts';
import { assertMissing } from '../support/missing.ts';

test('what is there is given back as it is, also 0, an empty text and false', () => {
  for (const value of [0, '', false, Number.NaN]) assert.ok(Object.is(must(value, 'a value'), value));
});

test('what is missing is a fault of the program that names it', () => {
  for (const value of [null, undefined])
    assertMissing(() => must(value, 'the number of a word'), 'the number of a word');
});

test.run();
