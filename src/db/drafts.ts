import { sql } from 'kysely';
import type { Db } from './connect.ts';
import type { TaskStatus } from './schema.ts';
import { ROW_VERSION } from './task-version.ts';
import type { NewTask } from './tasks.ts';

/**
 * Adds a task whose files are still to come.
 * @param requestHash - of what was asked for with a key; null: without a key
 * @returns false when there is a task of this id already
 */
export async function insertDraft(db: Db, task: NewTask, requestHash: string | null): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('tasks')
    .values({ ...task, request_hash: requestHash })
    .onConflict((conflict) => conflict.column('task_id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/**
 * The hash of the request that made a task; null: it is not known.
 * @returns undefined when there is no such task
 */
export async function readRequestHash(db: Db, taskId: string): Promise<string | null | undefined> {
  const found = await db
    .selectFrom('tasks')
    .select('request_hash')
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  return found?.request_hash;
}

/** What changes in a draft when a file is put into its folder, or removed. */
export interface DraftChange {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Does something to the files of a draft, and counts it. While `act` runs the row is held, so that the task cannot be
 * queued or deleted: it should be no more than the renaming of a file.
 * @returns false when the task is no draft any more: then nothing was done
 */
export function changeDraft(
  db: Db,
  rowId: string,
  change: DraftChange,
  act: () => Promise<void>,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('tasks')
      .set({
        no_of_files: sql<number>`greatest(0, coalesce(no_of_files, 0) + ${change.files}::integer)`,
        size_bytes: sql<number>`greatest(0, coalesce(size_bytes, 0) + ${change.bytes}::bigint)`,
      })
      .where('id', '=', rowId)
      .where('task_status', '=', 'uploading')
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return false;
    await act();
    return true;
  });
}

/** What `changeDraft` counts on: the state of a draft, with a mark that differs after each change of its row. */
export async function readDraft(db: Db, rowId: string) {
  return db
    .selectFrom('tasks')
    .select([
      'id',
      'task_id',
      'user_uuid',
      'lang',
      'engine',
      'task_path',
      'no_of_files',
      'size_bytes',
      'name',
      'columns',
      'channels',
    ])
    .select(ROW_VERSION.as('version'))
    .where('id', '=', rowId)
    .where('task_status', '=', 'uploading')
    .executeTakeFirst();
}

/**
 * Queues a draft, unless its row was changed since it was read: then other files may lie in its folder than were checked.
 * @returns whether it is queued
 */
export async function queueUnchangedDraft(
  db: Db,
  { id, version }: { readonly id: string; readonly version: string },
  counts: { readonly no_of_files: number; readonly size_bytes: number; readonly name: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tasks')
    .set({ ...counts, task_status: 'uploaded' })
    .where('id', '=', id)
    .where('task_status', '=', 'uploading')
    .where(ROW_VERSION, '=', version)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Choices that can still be changed. Those that are left out stay. */
export type DraftChanges = Partial<
  Pick<
    NewTask,
    | 'lang'
    | 'engine'
    | 'partial_results'
    | 'speakers'
    | 'search'
    | 'formats'
    | 'columns'
    | 'channels'
    | 'name'
    | 'not_before'
    | 'notify_url'
  >
>;

/**
 * Changes a task if its status is one of `statuses`.
 * @returns whether it was changed
 */
export async function changeTask(
  db: Db,
  rowId: string,
  statuses: readonly TaskStatus[],
  changes: DraftChanges & { readonly priority?: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tasks')
    .set(changes)
    .where('id', '=', rowId)
    .where('task_status', 'in', [...statuses])
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
