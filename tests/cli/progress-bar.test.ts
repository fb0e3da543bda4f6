import assert from 'node:assert/strict';
import { test } from 'uvu';
import { estimateLeftSec } from '../../src/base/time-left.ts';
import { formatBar, formatPercent } from '../../src/cli/progress-bar.ts';

test('a bar shows its share, and is never longer than its width', () => {
  assert.equal(formatBar(0, 4), '░░░░   0 %');
  assert.equal(formatBar(0.5, 4), '██░░  50 %');
  assert.equal(formatBar(1, 4), '████ 100 %');
  assert.equal(formatBar(1.7, 4), '████ 100 %');
  assert.equal(formatBar(-1, 4), '░░░░   0 %');
});

test('nothing unfinished is shown as 100 %', () => {
  assert.equal(formatPercent(0.999), '99 %');
  assert.equal(formatPercent(0.29), '29 %');
});

test('the time left is estimated from the work done, once there is enough of it', () => {
  assert.equal(estimateLeftSec(0.25, 10), 30);
  assert.equal(estimateLeftSec(0.01, 10), null);
  assert.equal(estimateLeftSec(0.5, 0.2), null);
  assert.equal(estimateLeftSec(1, 10), null);
});

test.run();
