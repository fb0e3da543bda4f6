import type { Db } from '../db/connect.ts';
import { listActiveInstances } from '../db/instances.ts';
import {
  countByStatus,
  listRunning,
  listStuckTaskIds,
  type QueueDepth,
  readQueueDepth,
  type StatusCount,
  type TaskRow,
} from '../db/tasks.ts';
import { findWaitReason, type Instance, NO_WORKER } from './wait-reason.ts';

/** The state of the whole service at one moment. */
export interface Overview {
  readonly counts: readonly StatusCount[];
  readonly queue: readonly QueueDepth[];
  readonly instances: readonly Instance[];
  readonly running: readonly TaskRow[];
  /** What an operator should know: tasks that no worker can run or is running. */
  readonly hints: readonly string[];
}

export async function readOverview(db: Db): Promise<Overview> {
  const [counts, queue, instances, running, stuck] = await Promise.all([
    countByStatus(db),
    readQueueDepth(db),
    listActiveInstances(db),
    listRunning(db),
    listStuckTaskIds(db),
  ]);
  return { counts, queue, instances, running, hints: findHints(queue, instances, stuck) };
}

function findHints(
  queue: readonly QueueDepth[],
  instances: readonly Instance[],
  stuck: readonly string[],
): string[] {
  const hints: string[] = [];
  const workers = instances.filter(({ slots }) => slots > 0);
  if (queue.length > 0 && workers.length === 0) hints.push(NO_WORKER);
  else {
    for (const { engine, ready, delayed, later } of queue) {
      const waitReason = findWaitReason(engine, workers);
      if (waitReason !== null) hints.push(`${ready + delayed + later} waiting: ${waitReason}`);
    }
  }
  if (stuck.length > 0) {
    const fix = workers.length === 0 ? NO_WORKER : 'the next sweep of a worker hands them on';
    hints.push(`no sign of life for ${stuck.length} of the running tasks (${stuck.join(', ')}): ${fix}`);
  }
  return hints;
}
