import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { EventRow, TaskRow } from '../../scripts/soak/audit/final-rows.ts';
import { checkHistory } from '../../scripts/soak/audit/history.ts';

const EDGES = new Set([
  'uploaded>processing',
  'uploaded>cancelled',
  'processing>uploaded',
  'processing>completed',
  'processing>failed',
  'failed>uploaded',
]);

type Step = readonly [from: string | null, to: string, fence: number, note?: string];

const claimed: readonly Step[] = [
  [null, 'uploaded', 0],
  ['uploaded', 'processing', 1],
  ['processing', 'processing', 1],
];

function check(steps: readonly Step[], columns: Partial<TaskRow>): string[] {
  const events = steps.map(
    ([from_status, to_status, fence, note = null]): EventRow => ({
      task: '1',
      at: new Date(0),
      stage: null,
      instance: null,
      from_status,
      to_status,
      fence,
      note,
    }),
  );
  const row = { task_status: 'completed', fence: 1, attempts: 1, ...columns } as TaskRow;
  return checkHistory(row, events, EDGES);
}

test('a correct history has no faults, with crashes, hand-backs and retries', () => {
  const steps: readonly Step[] = [
    ...claimed,
    ['processing', 'processing', 2],
    ['processing', 'uploaded', 2, 'handed back: the instance is stopping'],
    ['uploaded', 'processing', 3],
    ['processing', 'failed', 3],
    ['failed', 'uploaded', 3],
    ['uploaded', 'processing', 4],
    ['processing', 'processing', 5],
    ['processing', 'completed', 5],
    ['completed', 'completed', 5],
  ];
  assert.deepEqual(check(steps, { fence: 5, attempts: 2 }), []);
});

const FAULTS: readonly (readonly [string, readonly Step[], Partial<TaskRow>, RegExp])[] = [
  [
    'a second completion',
    [
      ...claimed,
      ['processing', 'completed', 1],
      ['completed', 'processing', 2],
      ['processing', 'completed', 2],
    ],
    { fence: 2, attempts: 2 },
    /completed to processing is not allowed.*completed 2 times/,
  ],
  [
    'a step that is missing',
    [...claimed, ['uploaded', 'cancelled', 1]],
    {},
    /an event from uploaded, the one before led to processing/,
  ],
  ['a fence that jumps', [...claimed, ['processing', 'processing', 3]], {}, /fence 1 to 3/],
  ['a fence that falls', [...claimed, ['processing', 'processing', 0]], {}, /fence 1 to 0/],
  [
    'a claim without a fence',
    [
      [null, 'uploaded', 0],
      ['uploaded', 'processing', 0],
    ],
    {},
    /without a fence/,
  ],
  ['a row ahead of its history', claimed, {}, /status: processing by its events, completed in its row/],
  [
    'a fence that no claim took',
    [...claimed, ['processing', 'completed', 1]],
    { fence: 2 },
    /fence: 1 by its events, 2/,
  ],
  [
    'an attempt too many',
    [...claimed, ['processing', 'completed', 1]],
    { attempts: 2 },
    /attempts: 1 by its events, 2/,
  ],
];

for (const [name, steps, columns, said] of FAULTS) {
  test(`found: ${name}`, () => {
    assert.match(check(steps, columns).join('; '), said);
  });
}

test.run();
