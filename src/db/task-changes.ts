import type { Db } from './connect.ts';
import { type ListedTask, listTasksByRow } from './task-list.ts';

/** Sent by triggers for each statement that changes tasks: their `tasks.id` with commas between them, or `many`. */
export const CHANGED_CHANNEL = 'autophon_task_changed';

export interface DeletedTask {
  readonly id: string;
  readonly task_id: string;
  readonly user_uuid: string;
}

export interface ChangedTasks {
  readonly tasks: readonly ListedTask[];
  /** Those that are gone. */
  readonly deleted: readonly DeletedTask[];
}

/** What has become of tasks that were changed. @param rowIds - of `tasks.id` */
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

/** The ids that a notification of `CHANGED_CHANNEL` names; null: many, or something that is not ours. */
export function parseChanges(payload: string): string[] | null {
  return /^\d{1,18}(,\d{1,18})*$/.test(payload) ? payload.split(',') : null;
}
