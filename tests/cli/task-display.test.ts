import assert from 'node:assert/strict';
import { test } from 'uvu';
import { Output } from '../../src/cli/output.ts';
import { TaskDisplay } from '../../src/cli/task-display.ts';
import { displayWidth } from '../../src/cli/terminal-text.ts';
import type { TaskRow } from '../../src/db/tasks.ts';
import type { Snapshot } from '../../src/tasks/wait.ts';

const TASK: TaskRow = {
  id: '1',
  task_id: '3f2a9c1e-0000-4000-8000-000000000000',
  user_uuid: 'ann',
  lang: 'engUS_SPHINX_v010',
  engine: 'SPHINX',
  task_status: 'uploaded',
  priority: 0,
  task_path: 'ann/upl/x',
  download_path: null,
  download_name: null,
  log_path: null,
  stage: null,
  progress: 0,
  fence: 0,
  claim: null,
  attempts: 0,
  crashes: 0,
  instance: null,
  job_id: null,
  status_note: null,
  error_code: null,
  error_message: null,
  faults: [],
  warnings: [],
  no_of_files: 1,
  no_of_tiers: null,
  words: null,
  missing_words: null,
  audio_seconds: null,
  size_bytes: null,
  partial_results: null,
  channels: null,
  formats: null,
  columns: null,
  not_before: null,
  notify_url: null,
  search: null,
  speakers: 'tiers',
  queued_at: null,
  started_at: null,
  finished_at: null,
  created_at: new Date(0),
  updated_at: new Date(0),
};

const WAITING = { task_id: TASK.task_id, ahead: 2, delay_sec: 0 };

function snapshotOf(
  changes: Partial<TaskRow>,
  more: { place?: typeof WAITING; leftSec?: number; waitReasons?: string[] } = {},
): Snapshot {
  const view = {
    task: { ...TASK, ...changes },
    queuePlace: more.place ?? null,
    leftSec: more.leftSec ?? null,
  };
  return { tasks: [view], waitReasons: more.waitReasons ?? [] };
}

function fakeOutput({ isTerminal, columns = 60 }: { isTerminal: boolean; columns?: number }) {
  let written = '';
  const stream = {
    isTTY: isTerminal,
    columns,
    rows: 10,
    hasColors: () => false,
    write: (text: string | Uint8Array) => {
      written += text;
      return true;
    },
    on: () => stream,
  };
  const stdout = stream as unknown as NodeJS.WriteStream;
  return { output: new Output({ json: false, stdout, stderr: stdout }), written: () => written };
}

test('without a terminal one line is printed for each change, and nothing else', () => {
  const { output, written } = fakeOutput({ isTerminal: false });
  const display = new TaskDisplay(output, { expectsWorker: true });
  display.show(snapshotOf({}, { place: WAITING }));
  display.show(snapshotOf({}, { place: WAITING }));
  const running = { task_status: 'processing', fence: 1 } as const;
  display.show(snapshotOf({ ...running, stage: 'prepare', progress: 0.01 }));
  display.show(snapshotOf({ ...running, stage: 'align', progress: 0.3 }));
  display.show(snapshotOf({ ...running, stage: 'align', progress: 0.32 }));
  display.show(snapshotOf({ ...running, stage: 'align', progress: 0.6 }));
  display.show(snapshotOf({ task_status: 'failed', error_code: 'E_IO', stage: 'align' }));
  display.show(snapshotOf({ task_status: 'failed', error_code: 'E_IO' }));
  assert.deepEqual(written().trimEnd().split('\n'), [
    '3f2a9c1e: uploaded: 2 before it in the queue',
    '3f2a9c1e: processing: prepare, 1 %',
    '3f2a9c1e: processing: align, 30 %',
    '3f2a9c1e: processing: align, 60 %',
    '3f2a9c1e: failed: E_IO',
  ]);
});

test('on a terminal each block is drawn over the last one, and no line is wider than the terminal', () => {
  const { output, written } = fakeOutput({ isTerminal: true });
  const display = new TaskDisplay(output, { expectsWorker: true });
  display.show(snapshotOf({ task_status: 'processing', stage: 'align', progress: 0.5 }));
  assert.match(written(), /^3f2a9c1e {2}█{9}░{9} {2}50 % {2}processing/);
  display.show(snapshotOf({ task_status: 'uploaded', status_note: `again\n${'x'.repeat(100)}` }));
  const [, second = ''] = written().split('\x1b[1A\r\x1b[J');
  assert.equal(second.trimEnd().split('\n').length, 1);
  assert.ok(second.trimEnd().length < 60, second);
  output.keepDrawn();
  output.line('done');
  assert.ok(written().endsWith(`${second}done\n`));
});

test('the time left is shown at every width, in the same column of all lines', () => {
  const now = performance.now;
  for (const columns of [60, 72, 80, 100, 200]) {
    const { output, written } = fakeOutput({ isTerminal: true, columns });
    const nameOf = (taskId: string) => (taskId.startsWith('3f') ? 'english-conversation of demo-one' : 'b');
    const display = new TaskDisplay(output, { nameOf, expectsWorker: true });
    const changes = { task_status: 'processing', stage: 'package', progress: 0.1 } as const;
    const tasks = [TASK, { ...TASK, task_id: 'b' }].map((task) => ({
      task: { ...task, ...changes },
      queuePlace: null,
      leftSec: null,
    }));
    try {
      display.show({ tasks, waitReasons: [] });
      performance.now = () => now.call(performance) + 3_599_000;
      display.show({ tasks, waitReasons: [] });
    } finally {
      performance.now = now;
    }
    const lines = written().split('\x1b[J').at(-1)?.trimEnd().split('\n') ?? [];
    assert.equal(lines.length, 2);
    for (const line of lines) {
      assert.match(line, / 10 % {2}processing {2}.*\d+ h \d+ min left$/, `${columns}: ${line}`);
      assert.ok(displayWidth(line) < columns, line);
    }
    assert.equal(new Set(lines.map((line) => line.indexOf('processing'))).size, 1);
  }
});

test('names and bars leave room for the place in the queue before the first task begins, and for the time taken after the last', () => {
  const { output, written } = fakeOutput({ isTerminal: true, columns: 80 });
  const nameOf = () => 'english-read of demo-one';
  const display = new TaskDisplay(output, { nameOf, expectsWorker: false });
  display.show(snapshotOf({}, { place: WAITING }));
  assert.match(written(), /^english-read of demo-one {2}░{9} .* uploaded {4}2 before it in the queue\n$/);
  display.show(
    snapshotOf({ task_status: 'completed', started_at: new Date(0), finished_at: new Date(12_000) }),
  );
  assert.match(written(), /english-read of demo-one {2}█+ 100 % {2}completed {3}in 12 s\n$/);
});

test('a waiting task says once why no worker takes it', () => {
  const { output, written } = fakeOutput({ isTerminal: false });
  const display = new TaskDisplay(output, { expectsWorker: true });
  for (let n = 0; n < 2; n++)
    display.show(snapshotOf({}, { place: WAITING, waitReasons: ['nobody has the engine'] }));
  assert.deepEqual(written().split('\n'), [
    '3f2a9c1e: uploaded: 2 before it in the queue',
    'nobody has the engine',
    '',
  ]);
});

test('a task that waits for its next attempt says why and how long', () => {
  const { output, written } = fakeOutput({ isTerminal: false });
  const display = new TaskDisplay(output, { expectsWorker: false, nameOf: () => 'english-read' });
  const note = 'attempt 1 of 3 ended with E_IO; next in 15 s';
  display.show(snapshotOf({ status_note: note }, { place: { ...WAITING, delay_sec: 14 } }));
  assert.equal(written(), `english-read: uploaded: ${note}; next attempt in 14 s\n`);
});

test.run();
