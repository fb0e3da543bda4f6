import { existsSync } from 'node:fs';
import path from 'node:path';
import { attemptLogPath } from '../base/site-layout.ts';
import type { Db } from '../db/connect.ts';
import { type Delivery, listDeliveries } from '../db/deliveries.ts';
import { readForecasts } from '../db/forecasts.ts';
import {
  listEvents,
  listStages,
  listTaskFiles,
  type TaskEvent,
  type TaskFile,
  type TaskRow,
} from '../db/tasks.ts';
import { type QueuePlace, queuePlaceOf } from './wait.ts';
import { findWaitReason, readWorkforce } from './wait-reason.ts';

export type TaskStage = Awaited<ReturnType<typeof listStages>>[number];

/** Paths of a task's files on this machine. */
export interface TaskPlaces {
  readonly inputDir: string | null;
  /** The zip; null: there is none. */
  readonly resultPath: string | null;
  /**
   * Output of programs in the last attempt; null: there is none, or it is not here, since LOGS may belong to another
   * machine.
   */
  readonly logPath: string | null;
}

/** Everything that is known about one task. */
export interface TaskDescription {
  readonly task: TaskRow;
  readonly places: TaskPlaces;
  /** Null: it does not wait. */
  readonly queuePlace: QueuePlace | null;
  /** Seconds until it ends, estimated from other tasks. */
  readonly leftSec: number | null;
  /** Why no running worker takes it; null: one does, or the task does not wait. */
  readonly waitReason: string | null;
  readonly events: readonly TaskEvent[];
  readonly stages: readonly TaskStage[];
  readonly files: readonly TaskFile[];
  readonly deliveries: readonly Delivery[];
}

export interface Folders {
  readonly uploadsDir: string;
  readonly logsDir: string;
}

export async function describeTask(db: Db, task: TaskRow, folders: Folders): Promise<TaskDescription> {
  const [events, stages, files, deliveries, forecasts] = await Promise.all([
    listEvents(db, task.id),
    listStages(db, task.id),
    listTaskFiles(db, task.id),
    listDeliveries(db, task.id),
    readForecasts(db, [task.task_id]),
  ]);
  const places = taskPlacesOf(task, folders);
  const waitReason =
    task.task_status === 'uploaded' ? findWaitReason(task.engine, await readWorkforce(db)) : null;
  const forecast = forecasts.get(task.task_id);
  const [queuePlace, leftSec] = [queuePlaceOf(forecast), forecast?.left_sec ?? null];
  return { task, places, queuePlace, leftSec, waitReason, events, stages, files, deliveries };
}

export function taskPlacesOf(task: TaskRow, { uploadsDir, logsDir }: Folders): TaskPlaces {
  const inside = (dir: string, relative: string | null) =>
    relative === null ? null : path.join(dir, relative);
  return {
    inputDir: inside(uploadsDir, task.task_path),
    resultPath: inside(uploadsDir, task.download_path),
    logPath: existingFile(inside(logsDir, logPathOf(task))),
  };
}

/**
 * Log of the last attempt, relative to LOGS. The row names it when the attempt has ended. Until then the row has the
 * path of the attempt before, and this path is computed.
 */
export function logPathOf(task: TaskRow): string | null {
  if (task.task_status !== 'processing' && task.log_path !== null) return task.log_path;
  return task.fence > 0 ? attemptLogPath(task) : null;
}

/** An attempt that started no program has no log, and logs are removed after a time. */
function existingFile(file: string | null): string | null {
  return file !== null && existsSync(file) ? file : null;
}
