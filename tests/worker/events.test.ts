import assert from 'node:assert/strict';
import { test } from 'uvu';
import { type Log, silentLog } from '../../src/base/log.ts';
import { logEvents, type WorkerEvent, WorkerEvents } from '../../src/worker/events.ts';
import { Statistics } from '../../src/worker/statistics.ts';

const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', flags: 1 };

test('each event of a task is emitted once, to the log, the statistics and all other subscribers', () => {
  const lines: string[] = [];
  const log: Log = {
    ...silentLog,
    info: (event, fields = {}, text = '') =>
      void lines.push([event, fields['taskId'], fields['code'], text].filter(Boolean).join(' ')),
  };
  const statistics = new Statistics(log, () => 2);
  const told: string[] = [];
  const events = new WorkerEvents();
  events.subscribe(logEvents(log));
  events.subscribe((event) => statistics.note(event));
  events.subscribe(({ kind, taskId }) => void told.push(`${kind} ${taskId}`));

  const start = (taskId: string) =>
    events.emit({
      kind: 'started',
      taskId,
      fence: 1,
      trace: TRACE,
      lang: 'x',
      engine: null,
      attempt: 1,
      waitedSec: 0,
    });
  const end = (taskId: string, fate: Extract<WorkerEvent, { kind: 'ended' }>['fate'], details = {}) =>
    events.emit({
      kind: 'ended',
      taskId,
      fence: 1,
      trace: TRACE,
      fate,
      seconds: 1,
      code: null,
      audioSec: null,
      details,
    });
  start('a');
  start('b');
  start('c');
  events.emit({ kind: 'stage', taskId: 'a', fence: 1, trace: TRACE, stage: 'align' });
  end('a', 'completed');
  end('b', 'failed', { code: 'E_NOT_ALIGNED' });
  assert.equal(statistics.active, 1);
  statistics.log();

  assert.deepEqual(told, ['started a', 'started b', 'started c', 'stage a', 'ended a', 'ended b']);
  assert.deepEqual(lines.slice(3, -1), [
    'stage.started a',
    'task.completed a',
    'task.failed b E_NOT_ALIGNED',
  ]);
  assert.match(lines.at(-1) ?? '', /^worker\.statistics .*Processed: 2, Success: 1, Failed: 1, Active: 1, /);
});

test.run();
