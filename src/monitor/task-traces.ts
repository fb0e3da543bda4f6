import {
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { programVersion } from '../base/version.ts';
import type { WorkerEvent, WorkerEventListener } from '../worker/events.ts';

type Started = Extract<WorkerEvent, { kind: 'started' }>;
type Ended = Extract<WorkerEvent, { kind: 'ended' }>;

interface Running {
  readonly attempt: Span;
  readonly inAttempt: Context;
  stage: Span;
}

/**
 * Traces of tasks: below the span that the row names, one span for each attempt, with the time in the queue and the
 * stages below it. Without an SDK, which the site loads by `--import`, this code has no effect.
 */
export function traceTasks(): WorkerEventListener {
  const tracer = trace.getTracer('autophon', programVersion());
  const running = new Map<string, Running>();
  return (event) => {
    const key = `${event.taskId} ${event.fence}`;
    if (event.kind === 'started') {
      running.set(key, begin(event, tracer));
      return;
    }
    const known = running.get(key);
    if (known === undefined) return;
    if (event.kind === 'stage') {
      known.stage.end();
      known.stage = tracer.startSpan(event.stage, {}, known.inAttempt);
    } else if (event.kind === 'engine') {
      known.stage.addEvent('engine started', { 'autophon.engine': event.engine, 'process.pid': event.pid });
    } else {
      end(event, known);
      running.delete(key);
    }
  };
}

function begin(event: Started, tracer: Tracer): Running {
  const { taskId, fence, attempt: number, engine, lang, waitedSec, trace: parent } = event;
  const { traceId, spanId, flags } = parent;
  const above = trace.setSpanContext(context.active(), {
    traceId,
    spanId,
    traceFlags: flags,
    isRemote: true,
  });
  const nowMs = Date.now();
  const queuedMs = nowMs - Math.max(0, waitedSec ?? 0) * 1000;
  const attributes = {
    'autophon.task': taskId,
    'autophon.fence': fence,
    'autophon.attempt': number,
    'autophon.engine': engine ?? '',
    'autophon.lang': lang ?? '',
  };
  const attempt = tracer.startSpan(
    'task',
    { kind: SpanKind.CONSUMER, startTime: queuedMs, attributes },
    above,
  );
  const inAttempt = trace.setSpan(above, attempt);
  tracer.startSpan('queue', { startTime: queuedMs }, inAttempt).end(nowMs);
  return { attempt, inAttempt, stage: tracer.startSpan('prepare', {}, inAttempt) };
}

function end({ fate, code }: Ended, { attempt, stage }: Running): void {
  stage.end();
  attempt.setAttribute('autophon.outcome', fate);
  if (code !== null) attempt.setAttribute('error.type', code);
  if (fate === 'failed' || fate === 'retry')
    attempt.setStatus({ code: SpanStatusCode.ERROR, message: code ?? fate });
  attempt.end();
}
