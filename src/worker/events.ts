import type { ErrorCode } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { LogEvent } from '../base/log-events.ts';
import type { LogFields } from '../base/log-lines.ts';
import type { StageName } from '../base/stage-name.ts';
import type { TraceContext } from '../base/traceparent.ts';
import type { AttemptRow } from '../db/attempts.ts';
import type { Fate } from './outcome.ts';

/** An attempt in its events. */
export type TracedFence = Pick<AttemptRow, 'task_id' | 'fence' | 'trace'>;

interface OfAttempt {
  readonly taskId: string;
  readonly fence: number;
  /** The trace that the task belongs to. */
  readonly trace: TraceContext;
}

/** Fields of all events of an attempt. */
export function eventsOf({ task_id: taskId, fence, trace }: TracedFence): OfAttempt {
  return { taskId, fence, trace };
}

/** Events of the tasks of an instance. Each is emitted once, to all subscribers. */
export type WorkerEvent =
  | (OfAttempt & {
      readonly kind: 'started';
      readonly lang: string | null;
      readonly engine: string | null;
      readonly attempt: number;
      /** Seconds since it was queued. */
      readonly waitedSec: number | undefined;
    })
  | (OfAttempt & { readonly kind: 'stage'; readonly stage: StageName })
  | (OfAttempt & { readonly kind: 'engine'; readonly engine: string; readonly pid: number })
  | (OfAttempt & {
      readonly kind: 'ended';
      readonly fate: Fate['kind'];
      readonly seconds: number;
      /** Null: it completed, or was lost because its end could not be written. */
      readonly code: ErrorCode | null;
      /** Of the recordings of a completed task; otherwise null. */
      readonly audioSec: number | null;
      /** Why it ended like this, for the log. */
      readonly details: LogFields;
    });

export type WorkerEventListener = (event: WorkerEvent) => void;

/** Sends each event to all subscribers, in order. A listener must not throw. */
export class WorkerEvents {
  readonly #listeners: WorkerEventListener[] = [];

  subscribe(listener: WorkerEventListener): void {
    this.#listeners.push(listener);
  }

  emit(event: WorkerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

const ENDS = {
  completed: 'task.completed',
  failed: 'task.failed',
  retry: 'task.to_be_retried',
  'handed back': 'task.handed_back',
  lost: 'task.lost',
} as const satisfies Record<Fate['kind'], LogEvent>;

/** A subscriber that writes each event as a line of the log. */
export function logEvents(log: Log): WorkerEventListener {
  return (event) => {
    const { taskId, fence } = event;
    const { traceId } = event.trace;
    switch (event.kind) {
      case 'started':
        return log.info('task.started', {
          taskId,
          fence,
          traceId,
          lang: event.lang,
          attempt: event.attempt,
          waitedSec: event.waitedSec,
        });
      case 'stage':
        return log.info('stage.started', { taskId, fence, traceId, stage: event.stage });
      case 'engine':
        // The stage has logged it with more details.
        return;
      case 'ended':
        return log.info(ENDS[event.fate], {
          taskId,
          fence,
          traceId,
          seconds: event.seconds,
          ...event.details,
        });
    }
  };
}
