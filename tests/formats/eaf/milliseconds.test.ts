import assert from 'node:assert/strict';
import { test } from 'uvu';
import { toMilliseconds } from '../../../src/formats/eaf/milliseconds.ts';
import { thrownBy } from '../thrown.ts';

const place = (spans: readonly (readonly [number, number, number?])[], startMs = 0, endMs = 10_000) =>
  toMilliseconds(
    spans.map(([startSec, endSec, minMs = 1]) => ({ startSec, endSec, minMs })),
    { startMs, endMs },
  ).map((span) => [span.startMs, span.endMs]);

test('times are rounded, and neighbours stay neighbours', () => {
  assert.deepEqual(
    place([
      [0.1004, 0.2006],
      [0.2006, 0.3],
      [0.4, 0.5],
    ]),
    [
      [100, 201],
      [201, 300],
      [400, 500],
    ],
  );
  assert.deepEqual(
    place([
      [0.1, 0.2004],
      [0.2006, 0.3],
    ]),
    [
      [100, 200],
      [200, 300],
    ],
  );
});

test('nothing has zero length: it takes time from the next interval', () => {
  assert.deepEqual(
    place([
      [0.1, 0.1002],
      [0.1002, 0.1004],
      [0.1004, 0.2],
    ]),
    [
      [100, 101],
      [101, 102],
      [102, 200],
    ],
  );
  assert.deepEqual(
    place([
      [0.1, 0.1002, 5],
      [0.3, 0.4],
    ]),
    [
      [100, 105],
      [300, 400],
    ],
  );
});

test('at the end of its range it takes time from the interval before', () => {
  assert.deepEqual(
    place([
      [9.5, 9.9996],
      [9.9996, 9.9998],
      [9.9998, 10],
    ]),
    [
      [9500, 9998],
      [9998, 9999],
      [9999, 10_000],
    ],
  );
  assert.deepEqual(
    place(
      [
        [0.9, 1.2],
        [1.2, 1.3],
      ],
      1000,
      1250,
    ),
    [
      [1000, 1200],
      [1200, 1250],
    ],
  );
});

test('more intervals than milliseconds are refused', () => {
  const error = thrownBy(() =>
    place(
      [
        [0, 0.001],
        [0.001, 0.002],
        [0.002, 0.003],
      ],
      0,
      2,
    ),
  );
  assert.match(error.message, /expected at least 1 ms for each of 3 labels, found 2 ms in all/);
});

test.run();
