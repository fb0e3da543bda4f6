import assert from 'node:assert/strict';
import {
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  trace,
} from '@opentelemetry/api';
import { suite } from 'uvu';
import { parseTraceparent } from '../../src/base/traceparent.ts';
import { traceTasks } from '../../src/monitor/task-traces.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';

const GIVEN = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', flags: 1 };

const test = suite<{ site: Site }>('traces of tasks');

test.before(async (context) => {
  context.site = await createSite();
});
test.after(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

test('a traceparent of any version is kept, and nothing else', () => {
  assert.deepEqual(parseTraceparent(GIVEN), TRACE);
  assert.equal(parseTraceparent(`01${GIVEN.slice(2)}-more`)?.spanId, TRACE.spanId);
  const zeros = { trace: '0'.repeat(32), span: '0'.repeat(16) };
  for (const wrong of [
    null,
    '',
    'none',
    `ff${GIVEN.slice(2)}`,
    GIVEN.toUpperCase(),
    `00-${zeros.trace}-${TRACE.spanId}-01`,
    `00-${TRACE.traceId}-${zeros.span}-01`,
    GIVEN.slice(0, -1),
    ` ${GIVEN}`,
    `${GIVEN}x`,
  ])
    assert.equal(parseTraceparent(wrong), null, String(wrong));
});

test('an attempt is a span below that of the row, with its time in the queue, its stages and the starts of its engine', () => {
  const { spans, stop } = recordSpans();
  const note = traceTasks();
  const of = { taskId: 'a', fence: 2, trace: TRACE };
  note({ ...of, kind: 'started', lang: 'x', engine: 'SPHINX', attempt: 2, waitedSec: 30 });
  note({ ...of, kind: 'stage', stage: 'align' });
  note({ ...of, kind: 'engine', engine: 'SPHINX', pid: 7 });
  note({
    ...of,
    kind: 'ended',
    fate: 'failed',
    seconds: 1,
    code: 'E_ENGINE_FAILED',
    audioSec: null,
    details: {},
  });
  stop();
  assert.deepEqual(
    spans.map(({ name, above, isEnded, events }) => [name, above, isEnded, events]),
    [
      ['task', TRACE.spanId, true, []],
      ['queue', 'task', true, []],
      ['prepare', 'task', true, []],
      ['align', 'task', true, ['engine started']],
    ],
  );
  const [task, queue] = spans;
  assert.ok(task !== undefined && queue !== undefined);
  assert.ok(Math.abs(Date.now() - 30_000 - Number(task.startTime)) < 10_000);
  assert.equal(queue.startTime, task.startTime);
  assert.equal(task.attributes['autophon.outcome'], 'failed');
  assert.equal(task.attributes['error.type'], 'E_ENGINE_FAILED');
});

test('a given trace is kept in row and log, a missing one is made, and a wrong one does no harm', async ({
  site,
}) => {
  const waiting = await site.addTask('one');
  await site.sql.query('UPDATE tasks SET traceparent = $2 WHERE task_id = $1', [waiting, GIVEN]);
  const wrong = await site.addTask('two');
  await site.sql.query("UPDATE tasks SET traceparent = 'no; DROP TABLE tasks' WHERE task_id = $1", [wrong]);
  const none = await site.addTask('three');
  const worker = await startInstance(site);
  for (const taskId of [waiting, wrong, none]) {
    await worker.event('task.completed', (event) => event['taskId'] === taskId);
    const { traceparent } = await site.row(taskId);
    const kept = parseTraceparent(String(traceparent));
    assert.ok(kept !== null, String(traceparent));
    if (taskId === waiting) assert.equal(traceparent, GIVEN);
    const lines = worker.events.filter((event) => event['taskId'] === taskId);
    assert.ok(lines.some(({ event }) => event === 'engine.started'));
    assert.deepEqual([...new Set(lines.map((event) => event['traceId']))], [kept.traceId]);
  }
  await worker.stop();
});

test.run();

interface Recorded {
  readonly name: string;
  /** The parent span: its name, or its id if it belongs to another program. */
  readonly above: string | undefined;
  readonly startTime: unknown;
  readonly attributes: Record<string, unknown>;
  readonly events: string[];
  isEnded: boolean;
}

/** Stands in for an SDK of OpenTelemetry. */
function recordSpans(): { spans: Recorded[]; stop: () => void } {
  const spans: Recorded[] = [];
  const startSpan = (name: string, options: SpanOptions = {}, context?: Context): Span => {
    const above = context === undefined ? undefined : trace.getSpanContext(context)?.spanId;
    const recorded: Recorded = {
      name,
      above,
      startTime: options.startTime,
      attributes: { ...options.attributes },
      events: [],
      isEnded: false,
    };
    spans.push(recorded);
    const spanContext: SpanContext = { ...INVALID_SPAN_CONTEXT, spanId: name };
    const span = {
      spanContext: () => spanContext,
      setAttribute: (key: string, value: unknown) => {
        recorded.attributes[key] = value;
        return span;
      },
      addEvent: (event: string) => {
        recorded.events.push(event);
        return span;
      },
      setStatus: () => span,
      end: () => {
        recorded.isEnded = true;
      },
    } as unknown as Span;
    return span;
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) } as unknown as Parameters<
    typeof trace.setGlobalTracerProvider
  >[0]);
  return { spans, stop: () => trace.disable() };
}
