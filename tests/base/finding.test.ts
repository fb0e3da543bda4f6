import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findingAt, formatPlace } from '../../src/base/finding.ts';

test('a place is written in one way, as much of it as is known', () => {
  const file = 'talk.TextGrid';
  assert.equal(formatPlace({ file }), 'talk.TextGrid');
  assert.equal(formatPlace({ file, tier: 'a "b"' }), String.raw`talk.TextGrid tier "a \"b\""`);
  assert.equal(
    formatPlace({ file, tier: 'ann', interval: 3, timeSec: 2 }),
    'talk.TextGrid tier "ann" interval 3 (2.00 s)',
  );
  assert.equal(
    formatPlace({ file, tier: 'ann', interval: 3, timeSec: 2, endSec: 2.5 }),
    'talk.TextGrid tier "ann" interval 3 (2.00 to 2.50 s)',
  );
});

test('a place that has a line is named by it, in place of tier and interval', () => {
  const place = { file: 'talk.srt', tier: 'ann', interval: 3, line: 7, timeSec: 2 };
  assert.equal(formatPlace(place), 'talk.srt line 7 (2.00 s)');
  assert.equal(formatPlace({ ...place, column: 4 }), 'talk.srt line 7 column 4 (2.00 s)');
});

test('a finding has its place in its message, and apart from it for programs', () => {
  assert.deepEqual(findingAt('W_DOUBTFUL', { file: 'a', tier: 't', timeSec: 1, endSec: 2 }, 'listen.'), {
    code: 'W_DOUBTFUL',
    message: 'a tier "t" (1.00 to 2.00 s): listen.',
    file: 'a',
    tier: 't',
    timeSec: 1,
  });
});

test.run();
