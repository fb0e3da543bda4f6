import assert from 'node:assert/strict';
import { test } from 'uvu';
import { writeTextGrid as writeByWorker } from '../../src/formats/textgrid/write.ts';
import { writeTextGrid } from '../../src/page/viewer/textgrid.ts';
import { toTier } from '../../src/page/viewer/tier.ts';

test('a TextGrid of the browser is byte for byte that of the worker', () => {
  const intervals = [
    [0, 0.1, 'he said "no"', 'IPA "no"'],
    [0.1, 1 / 3, ''],
    [1 / 3, 2, 'two\nlines'],
  ] as const;
  const tiers = [
    toTier({ name: 'a "b" - word', role: 'words', speaker: 'a', intervals }),
    toTier({ name: 'clicks', role: 'other', speaker: 'clicks', points: true, intervals: [[0.5, 0.5, 'x']] }),
  ];
  const whole = { startSec: 0, endSec: 2 };
  const expected = writeByWorker({
    ...whole,
    tiers: [
      {
        kind: 'interval',
        name: 'a "b" - word',
        ...whole,
        intervals: intervals.map(([startSec, endSec, text]) => ({ startSec, endSec, text })),
      },
      { kind: 'point', name: 'clicks', ...whole, points: [{ timeSec: 0.5, text: 'x' }] },
    ],
  });
  assert.equal(writeTextGrid(tiers, 2, false), expected);
  assert.match(writeTextGrid(tiers, 2, true), /text = "IPA ""no""" \n/);
});

test.run();
