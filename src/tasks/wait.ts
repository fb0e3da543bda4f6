import { setTimeout as delay } from 'node:timers/promises';
import { TaskError } from '../base/errors.ts';
import { unlessAborted } from '../base/unless-aborted.ts';
import type { Db } from '../db/connect.ts';
import { type Forecast, readForecasts } from '../db/forecasts.ts';
import type { TaskStatus } from '../db/schema.ts';
import { isDatabaseAway } from '../db/statement-fault.ts';
import { listTasks, type TaskRow } from '../db/tasks.ts';
import { findWaitReason, readWorkforce } from './wait-reason.ts';

export interface QueuePlace {
  /** Tasks that are taken before this one, in the queue's order: priority, then age; counted up to MAX_AHEAD. */
  readonly ahead: number;
  /** Until it may start; 0: now. */
  readonly delay_sec: number;
}

/** The state of a task that a waiting user sees. */
export interface TaskView {
  readonly task: TaskRow;
  /** Null: it does not wait in the queue. */
  readonly queuePlace: QueuePlace | null;
  /** Seconds until it ends, estimated from other tasks. */
  readonly leftSec: number | null;
}

export interface Snapshot {
  /** In the order in which the tasks were given. */
  readonly tasks: readonly TaskView[];
  /** Reasons why no running worker takes waiting tasks; empty: each is taken. */
  readonly waitReasons: readonly string[];
}

export interface WaitOptions {
  /** Ends the waiting; the tasks go on. */
  readonly signal: AbortSignal;
  readonly onSnapshot: (snapshot: Snapshot) => void;
  /** Called once when the database stops answering; the wait goes on. */
  readonly onDatabaseAway: (error: unknown) => void;
}

const PAUSE_MS = 250;
const FINAL: readonly TaskStatus[] = ['completed', 'failed', 'cancelled', 'expired'];

/**
 * Waits until all tasks have ended.
 * @returns their rows, in the given order; the last known ones if `signal` ended the waiting
 * @throws TaskError E_USAGE when one is deleted meanwhile
 */
export async function waitForTasks(
  db: Db,
  taskIds: readonly string[],
  options: WaitOptions,
): Promise<TaskRow[]> {
  const { signal, onSnapshot, onDatabaseAway } = options;
  let rows: TaskRow[] = [];
  let isAway = false;
  for (;;) {
    try {
      // A database that does not answer must not keep a user from ending the wait.
      const seen = await unlessAborted(signal, takeSnapshot(db, taskIds));
      isAway = false;
      rows = seen.tasks.map(({ task }) => task);
      onSnapshot(seen);
      if (rows.every(isFinal)) return rows;
    } catch (error) {
      if (signal.aborted) return rows;
      if (!isDatabaseAway(error)) throw error;
      if (!isAway) onDatabaseAway(error);
      isAway = true;
    }
    await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return rows;
  }
}

export function isFinal({ task_status }: Pick<TaskRow, 'task_status'>): boolean {
  return FINAL.includes(task_status);
}

/** Where a task waits; null: it does not. */
export function queuePlaceOf(forecast: Forecast | undefined): QueuePlace | null {
  if (forecast === undefined || forecast.ahead === null) return null;
  return { ahead: forecast.ahead, delay_sec: forecast.delay_sec ?? 0 };
}

async function takeSnapshot(db: Db, taskIds: readonly string[]): Promise<Snapshot> {
  const rows = new Map((await listTasks(db, taskIds)).map((row) => [row.task_id, row]));
  const waiting = [...rows.values()].filter(({ task_status }) => task_status === 'uploaded');
  const openIds = [...rows.values()].filter((row) => !isFinal(row)).map(({ task_id }) => task_id);
  const forecasts = await readForecasts(db, openIds);
  const workforce = waiting.length === 0 ? null : await readWorkforce(db);
  const tasks = taskIds.map((taskId): TaskView => {
    const task = rows.get(taskId);
    if (task === undefined) throw new TaskError('E_USAGE', `task ${taskId} was deleted`);
    const forecast = forecasts.get(taskId);
    return { task, queuePlace: queuePlaceOf(forecast), leftSec: forecast?.left_sec ?? null };
  });
  const found = workforce === null ? [] : waiting.map(({ engine }) => findWaitReason(engine, workforce));
  return { tasks, waitReasons: [...new Set(found)].filter((one) => one !== null) };
}
