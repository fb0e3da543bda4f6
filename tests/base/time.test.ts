import assert from 'node:assert/strict';
import { test } from 'uvu';
import { formatClock, formatDuration, formatTime } from '../../src/base/time.ts';

test('a moment is given in local time with its zone', () => {
  const before = process.env['TZ'];
  try {
    for (const [zone, text] of [
      ['UTC', '2026-03-01 11:00:05 +0000'],
      ['Asia/Kolkata', '2026-03-01 16:30:05 +0530'],
      ['America/St_Johns', '2026-03-01 07:30:05 -0330'],
    ] as const) {
      process.env['TZ'] = zone;
      assert.equal(formatTime(new Date('2026-03-01T11:00:05.9Z')), text);
    }
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});

test('a duration is shown in the unit that fits its length', () => {
  assert.deepEqual([0.44, 12.3, 200, 7_500].map(formatDuration), [
    '0.4 s',
    '12 s',
    '3 min 20 s',
    '2 h 5 min',
  ]);
  assert.equal(formatClock(5_025), '1:23:45');
});

test.run();
