import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { readPlainDecimal } from '../../src/formats/plain-decimal.ts';
import { SEED } from '../support/feed.ts';
import { seededRandom } from '../support/mutate.ts';

const test = suite('plain decimals');

test('a plain decimal is the number that the runtime reads', () => {
  const random = seededRandom(SEED);
  for (let count = 0; count < 20_000; count++) {
    const digits = String(Math.floor(random() * 10 ** (1 + Math.floor(random() * 14))));
    const at = Math.floor(random() * digits.length);
    const text = at === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`;
    if (text.length <= 15) assert.equal(readPlainDecimal(text), Number(text), text);
  }
  assert.equal(readPlainDecimal('0012.50'), 12.5);
});

test('what is written otherwise is none', () => {
  for (const text of [
    '',
    '.',
    '1.',
    '.5',
    '1.2.3',
    '-1',
    '+1',
    '1e3',
    '0x1',
    ' 1',
    '1,5',
    '１',
    '1234567890123456',
  ])
    assert.ok(Number.isNaN(readPlainDecimal(text)), text);
});

test.run();
