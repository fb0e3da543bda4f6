import assert from 'node:assert/strict';
import { test } from 'uvu';
import { secondsText } from '../../src/formats/seconds-text.ts';
import { seededRandom } from '../support/mutate.ts';

test('times are written as String writes numbers, on the millisecond or not', () => {
  const write = secondsText();
  const given = [0, -0, 0.001, 0.01, 0.1, 1, 1, 1.5, 59.999, 60, 1e9 - 0.001, 1e9, 1e21, -1, -0.5, 1e-7];
  for (const sec of [...given, 0.1 + 0.2, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(write(sec), String(sec));
});

test('any time is written so that it is the same when read', () => {
  const random = seededRandom(5);
  const write = secondsText();
  for (let n = 0; n < 30_000; n++) {
    const digits = 10 ** Math.floor(random() * 6);
    const sec = Math.round(random() * 10 ** Math.floor(random() * 10) * digits) / digits;
    assert.equal(write(sec), String(sec));
  }
});

test.run();
