import { TaskError } from '../base/errors.ts';
import type { Db } from '../db/connect.ts';
import { findTask, findTaskIds, type TaskRow } from '../db/tasks.ts';

/**
 * The task with an id, or with the beginning of an id if it fits one task only.
 * @throws TaskError E_USAGE
 */
export async function findOneTask(db: Db, idOrPrefix: string): Promise<TaskRow> {
  const exact = await findTask(db, idOrPrefix);
  if (exact !== undefined) return exact;
  const named = JSON.stringify(idOrPrefix);
  const ids = idOrPrefix === '' ? [] : await findTaskIds(db, idOrPrefix);
  const [only, second] = ids;
  if (only === undefined) {
    throw new TaskError('E_USAGE', `no task ${named}: expected a task id, or the beginning of one`);
  }
  if (second !== undefined) {
    throw new TaskError(
      'E_USAGE',
      `several tasks begin with ${named}: ${ids.join(', ')}; give more of the id`,
    );
  }
  const task = await findTask(db, only);
  if (task === undefined) throw new TaskError('E_USAGE', `task ${only} has just been deleted`);
  return task;
}
