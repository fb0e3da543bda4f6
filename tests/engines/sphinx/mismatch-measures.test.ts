import assert from 'node:assert/strict';
import { test } from 'uvu';
import { hasLoudGap } from '../../../src/engines/loud-gaps.ts';
import { hasBadRow, isSaidInGap } from '../../../src/engines/sphinx/fit.ts';
import { findUnwritten } from '../../../src/engines/sphinx/unwritten.ts';

const RATE_HZ = 16_000;

test('five words in a row that fit much worse than the others make a text suspicious, single ones do not', () => {
  const good = Array.from({ length: 20 }, () => -0.001);
  assert.equal(hasBadRow(good), false);
  assert.equal(hasBadRow([...good, -0.006, ...good, -0.006, null, ...good]), false);
  assert.equal(hasBadRow([...good, -0.003, -0.003, null, -0.003, -0.003, -0.003, ...good]), true);
  assert.equal(hasBadRow(Array.from({ length: 20 }, () => -0.006)), true);
});

test('words in a gap may be doubtful only where those around it fit as badly', () => {
  const doubtful = { score: -0.006, worstScore: -0.009, beam: 'narrow' } as const;
  assert.equal(isSaidInGap({ ...doubtful, score: -0.002 }, -0.003), true);
  assert.equal(isSaidInGap(doubtful, -0.003), false);
  assert.equal(isSaidInGap(doubtful, -0.007), true);
});

test('audio as loud as the words is noticed where there is none, and quiet is not', () => {
  const samples = Float32Array.from({ length: 4 * RATE_HZ }, (_, at) => {
    const isLoud = at < RATE_HZ || (at >= 2 * RATE_HZ && at < 3 * RATE_HZ);
    return isLoud ? 0.3 * Math.sin(at / 5) : 0.001;
  });
  const word = { startSec: 0, endSec: 1 };
  assert.equal(hasLoudGap(samples, RATE_HZ, [word, { startSec: 2, endSec: 3 }], 4), false);
  assert.equal(hasLoudGap(samples, RATE_HZ, [word], 4), true);
  assert.equal(hasLoudGap(samples, RATE_HZ, [word], 2), false);
});

test('speech is unwritten where no word was found afterwards, one stretch over short pauses', () => {
  const others = [
    { startSec: 5, endSec: 6 },
    { startSec: 1, endSec: 2 },
    { startSec: 2.2, endSec: 3 },
    { startSec: 9, endSec: 9.2 },
  ];
  assert.deepEqual(findUnwritten(others, []), [
    { startSec: 1, endSec: 3 },
    { startSec: 5, endSec: 6 },
  ]);
  assert.deepEqual(findUnwritten(others, [{ startSec: 0.5, endSec: 2.1 }]), [
    { startSec: 2.2, endSec: 3 },
    { startSec: 5, endSec: 6 },
  ]);
  assert.deepEqual(findUnwritten([{ startSec: 0, endSec: 4 }], [{ startSec: 1, endSec: 2 }]), [
    { startSec: 0, endSec: 1 },
    { startSec: 2, endSec: 4 },
  ]);
});

test.run();
