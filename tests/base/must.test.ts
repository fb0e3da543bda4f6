import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { must } from '../../src/base/must.ts';

test('what is there is given back as it is, also 0, nothing written and false', () => {
  for (const value of [0, '', false, Number.NaN]) assert.ok(Object.is(must(value, 'a value'), value));
});

test('what is missing is a fault of the program that names it', () => {
  for (const value of [null, undefined])
    assert.throws(
      () => must(value, 'the number of a word'),
      (error) =>
        error instanceof TaskError &&
        error.code === 'E_INTERNAL' &&
        error.message === 'missing: the number of a word; a fault of the program, not of the input',
    );
});

test.run();
