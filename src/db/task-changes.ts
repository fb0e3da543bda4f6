import type { Db } from './connect.ts';
import { type ListedTask, listTasksByRow } from './task-list.ts';

/** Triggers notify it after each statement that changes tasks. Payload: each `tasks.id`, with commas between, or `many`. */
export const CHANGED_CHANNEL = 'autophon_task_changed';

export interface DeletedTask {
  readonly id: string;
  readonly task_id: string;
  readonly user_uuid: string;
}

export interface ChangedTasks {
  readonly tasks: readonly ListedTask[];
  readonly deleted: readonly DeletedTask[];
}

/** The current state of tasks that were changed. @param rowIds - values of `tasks.id` */
export async function readChangedTasks(db: Db, rowIds: readonly string[]): Promise<ChangedTasks> {
  const tasks = await listTasksByRow(db, rowIds);
  const found = new Set(tasks.map(({ id }) => id));
  const gone = rowIds.filter((id) => !found.has(id));
  if (gone.length === 0) return { tasks, deleted: [] };
  const deleted = await db
    .selectFrom('deleted_tasks')
    .select(['id', 'task_id', 'user_uuid'])
    .where('id', 'in', gone)
    .execute();
  return { tasks, deleted };
}

/** The ids in the payload of a notification of `CHANGED_CHANNEL`; null: it names none. */
export function parseChanges(payload: string): string[] | null {
  return /^\d{1,18}(,\d{1,18})*$/.test(payload) ? payload.split(',') : null;
}
