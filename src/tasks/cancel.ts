import type { Db } from '../db/connect.ts';
import { findTask, requestCancel } from '../db/tasks.ts';
import { findOneTask } from './find.ts';
import type { Changed, FoundTask } from './retry.ts';

/**
 * Cancels waiting or running tasks. The instance that runs one is told at once, and ends its engine.
 * @param named - ids, or beginnings of ids
 * @throws TaskError E_USAGE, before anything is changed, when a task is not found
 */
export async function cancelTasks(db: Db, named: readonly string[]): Promise<Changed> {
  return cancelFound(db, await Promise.all(named.map((one) => findOneTask(db, one))));
}

/**
 * The same for tasks that were found already.
 * @param tasks - as they were then
 */
export async function cancelFound(db: Db, tasks: readonly FoundTask[]): Promise<Changed> {
  const changed: string[] = [];
  const refused: Changed['refused'][number][] = [];
  for (const { task_id: taskId, task_status } of tasks) {
    if (await requestCancel(db, taskId)) changed.push(taskId);
    else refused.push({ taskId, status: (await findTask(db, taskId))?.task_status ?? task_status });
  }
  return { changed, refused };
}
