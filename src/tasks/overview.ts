import type { Db } from '../db/connect.ts';
import { type Forecast, readForecasts } from '../db/forecasts.ts';
import type { Pause } from '../db/pauses.ts';
import {
  countByStatus,
  listRunning,
  listStuckTaskIds,
  type QueueDepth,
  readQueueDepth,
  type StatusCount,
  type TaskRow,
} from '../db/tasks.ts';
import { describeLateDeliveries } from './late-deliveries.ts';
import {
  type ActiveInstance,
  findWaitReason,
  NO_WORKER,
  readWorkforce,
  type Workforce,
} from './wait-reason.ts';

/** The state of the whole service at one moment. */
export interface Overview {
  readonly counts: readonly StatusCount[];
  readonly queue: readonly QueueDepth[];
  readonly instances: readonly ActiveInstance[];
  /** What operators have paused. */
  readonly pauses: readonly Pause[];
  readonly running: readonly TaskRow[];
  /** Of running workers. */
  readonly forecasts: ReadonlyMap<string, Forecast>;
  /**
   * Messages for operators: tasks that no worker can run or is running, and ends of tasks that no receiver was told of.
   */
  readonly hints: readonly string[];
}

export async function readOverview(db: Db): Promise<Overview> {
  const [counts, queue, workforce, running, stuck, late] = await Promise.all([
    countByStatus(db),
    readQueueDepth(db),
    readWorkforce(db),
    listRunning(db),
    listStuckTaskIds(db),
    describeLateDeliveries(db),
  ]);
  const forecasts = await readForecasts(
    db,
    running.map(({ task_id }) => task_id),
  );
  const hints = [...findHints(queue, workforce, stuck), ...(late === null ? [] : [late])];
  return { counts, queue, ...workforce, running, forecasts, hints };
}

function findHints(queue: readonly QueueDepth[], workforce: Workforce, stuck: readonly string[]): string[] {
  const hints: string[] = [];
  const workers = workforce.instances.filter(({ slots }) => slots > 0);
  if (queue.length > 0 && workers.length === 0) hints.push(NO_WORKER);
  else {
    for (const { engine, ready, delayed, later } of queue) {
      const waitReason = findWaitReason(engine, workforce);
      if (waitReason !== null) hints.push(`${ready + delayed + later} waiting: ${waitReason}`);
    }
  }
  if (stuck.length > 0) {
    const fix = workers.length === 0 ? NO_WORKER : 'the next sweep of a worker hands them on';
    hints.push(`no sign of life for ${stuck.length} of the running tasks (${stuck.join(', ')}): ${fix}`);
  }
  return hints;
}
