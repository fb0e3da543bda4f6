import assert from 'node:assert/strict';
import { test } from 'uvu';
import { createDotProduct } from '../../src/formats/dot-product.ts';

test('products are summed for every length and offset', () => {
  const { floats, sum } = createDotProduct(1000);
  assert.ok(floats.length >= 1000);
  for (let index = 0; index < 1000; index++) floats[index] = Math.sin(index);
  for (const [a, b, count] of [
    [0, 8, 8],
    [1, 500, 16],
    [3, 7, 176],
    [992, 0, 8],
  ] as const) {
    let expected = 0;
    for (let index = 0; index < count; index++)
      expected += (floats[a + index] ?? 0) * (floats[b + index] ?? 0);
    assert.ok(Math.abs(sum(a, b, count) - expected) < 1e-4, `${a}, ${b}, ${count}`);
  }
});

test('a sum never includes numbers outside its ranges', () => {
  const { floats, sum } = createDotProduct(64);
  floats.fill(Number.NaN);
  floats.fill(1, 8, 16);
  floats.fill(2, 40, 48);
  assert.equal(sum(8, 40, 8), 16);
});

test('each instance has its own memory', () => {
  const one = createDotProduct(8);
  const other = createDotProduct(8);
  one.floats.fill(1);
  assert.equal(other.sum(0, 0, 8), 0);
});

test.run();
