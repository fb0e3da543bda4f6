import { sql } from 'kysely';
import type { Db } from './connect.ts';
import type { TaskStatus } from './schema.ts';
import { ROW_VERSION } from './task-version.ts';
import type { NewTask } from './tasks.ts';

/**
 * Adds a task whose files are not sent yet.
 * @param requestHash - hash of the request, if it had an idempotency key; null: it had none
 * @returns false: another task has this id
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
 * The hash of the request that made a task.
 * @returns null: the request had no key; undefined: there is no such task
 */
export async function readRequestHash(db: Db, taskId: string): Promise<string | null | undefined> {
  const found = await db
    .selectFrom('tasks')
    .select('request_hash')
    .where('task_id', '=', taskId)
    .executeTakeFirst();
  return found?.request_hash;
}

/** How many files, and how many bytes in them. */
export interface FileCounts {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Changes the counts of a draft and holds its row while `act` changes the files, so that the task cannot be queued or deleted
 * meanwhile. `act` should only rename or delete a file.
 * @param change - is added to the counts; negative when a file is removed
 * @param countAgain - counts the files after `act`, in place of `change`; null: the counts of the row are right
 * @returns false: the task is no longer a draft, and `act` was not run
 */
export function changeDraft(
  db: Db,
  rowId: string,
  change: FileCounts,
  act: () => Promise<void>,
  countAgain: (() => Promise<FileCounts>) | null,
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
    if (countAgain === null) return true;
    const { files, bytes } = await countAgain();
    await tx
      .updateTable('tasks')
      .set({ no_of_files: files, size_bytes: bytes })
      .where('id', '=', rowId)
      .execute();
    return true;
  });
}

/** A draft, with the version of its row for `queueUnchangedDraft`. */
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
 * Queues a draft, unless its row was changed since it was read: then its folder may have other files than those checked.
 * @returns whether it was queued
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

/** Choices that can be changed before a task runs. A choice that is left out stays as it is. */
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
