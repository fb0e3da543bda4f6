import { throwFaults } from '../base/errors.ts';
import type { Db } from '../db/connect.ts';
import type { TaskStatus } from '../db/schema.ts';
import { retryTasks } from '../db/tasks.ts';
import { findOneTask } from './find.ts';

export interface Changed {
  /** Ids of the tasks that were changed. */
  readonly changed: readonly string[];
  /** Tasks that were left as they are. */
  readonly refused: readonly { readonly taskId: string; readonly status: TaskStatus }[];
}

/** The whole id, not the beginning of one. */
export interface FoundTask {
  readonly task_id: string;
  readonly task_status: TaskStatus;
}

/** Choices that change for this retry. */
export type RetryChanges = NonNullable<Parameters<typeof retryTasks>[2]>;

/**
 * Queues failed and cancelled tasks again.
 * @param named - ids, or beginnings of ids
 * @throws TaskError E_USAGE, before anything is changed, when a task is not found
 */
export async function retryNamedTasks(
  db: Db,
  named: readonly string[],
  changes: RetryChanges = {},
): Promise<Changed> {
  return retryFound(db, await Promise.all(named.map((one) => findOneTask(db, one))), changes);
}

/**
 * The same for tasks that were found already.
 * @param tasks - as they were then
 */
export async function retryFound(
  db: Db,
  tasks: readonly FoundTask[],
  changes: RetryChanges = {},
): Promise<Changed> {
  const changed = await retryTasks(db, { taskIds: tasks.map(({ task_id }) => task_id) }, changes);
  const refused = tasks.filter(({ task_id }) => !changed.includes(task_id));
  return {
    changed,
    refused: refused.map(({ task_id, task_status }) => ({ taskId: task_id, status: task_status })),
  };
}

/** Queues again every task that failed with a certain code. */
export async function retryFailedWith(
  db: Db,
  errorCode: string,
  changes: RetryChanges = {},
): Promise<Changed> {
  return { changed: await retryTasks(db, { errorCode }, changes), refused: [] };
}

/** @throws TaskError that names the refused tasks, and the status that was expected */
export function assertNoneRefused(
  { refused }: Changed,
  expected: string,
  code: 'E_USAGE' | 'E_CONFLICT' = 'E_USAGE',
): void {
  throwFaults(
    refused.map(({ taskId, status }) => ({
      code,
      text: `task ${taskId} is ${status}; expected ${expected}`,
    })),
  );
}
