import { sql } from 'kysely';
import { must } from '../base/must.ts';
import { type FileRow, listFiles } from './attempts.ts';
import type { Db, Tx } from './connect.ts';
import { rowMessage, rowNote } from './row-texts.ts';

const NOTE = 'imported from the older worker';
/** How many imported tasks one statement of an undo reads. */
const UNDO_AT_ONCE = 1_000;

/** A task that was imported, or whose import has begun. */
export interface Imported {
  /** Its `tasks.id`. */
  readonly task: string;
  /** Its fence at the end of the import; null: the import has not ended. */
  readonly fence: number | null;
}

/** All earlier imports, by the id in the older worker's table. */
export async function readImported(db: Db): Promise<Map<string, Imported>> {
  const rows = await db.selectFrom('imported_tasks').select(['old_id', 'task', 'fence']).execute();
  return new Map(rows.map(({ old_id, task, fence }) => [old_id, { task, fence }]));
}

/** Those of `taskIds` that tasks of this database have already. */
export async function findTakenNames(db: Db, taskIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ task_id: string }>`
    SELECT task_id FROM tasks WHERE task_id = ANY(${[...taskIds]}::text[])`.execute(db);
  return new Set(rows.map(({ task_id }) => task_id));
}

export interface ImportedRow {
  readonly task_id: string;
  readonly user_uuid: string;
  readonly lang: string | null;
  readonly engine: string | null;
  readonly task_path: string;
  readonly trans_choice: string | null;
  readonly name: string | null;
  readonly no_of_files: number | null;
  readonly size_bytes: number | null;
  readonly created_at: Date | null;
}

/** Adds a task whose files are not copied yet, and notes its origin. @returns `tasks.id` */
export function beginImport(db: Db, row: ImportedRow): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const { id } = await tx
      .insertInto('tasks')
      .values({ ...row, created_at: row.created_at ?? new Date(), status_note: NOTE })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx.insertInto('imported_tasks').values({ old_id: row.task_id, task: id, fence: null }).execute();
    return id;
  });
}

/** The status that an imported task gets. The files of a draft or a queued task must be in place before. */
export type ImportedEnd = { readonly kind: 'draft' } | { readonly kind: 'queued' } | FinalEnd;

type FinalEnd =
  | { readonly kind: 'cancelled' | 'expired'; readonly at: Date }
  | { readonly kind: 'failed'; readonly at: Date; readonly error: string }
  | { readonly kind: 'completed'; readonly at: Date; readonly result: ImportedResult };

interface ImportedResult {
  readonly startedAt: Date;
  readonly downloadName: string;
  readonly counts: Readonly<Record<'no_of_tiers' | 'words' | 'missing_words', number | null>>;
  /**
   * Moves the copied zip into the folder of the attempt, while rows are locked.
   * @param claim - of the attempt; the folder has this name
   */
  readonly place: (claim: string) => Promise<FileRow>;
}

/**
 * Gives an imported task its status, in one transaction. Its status changes step by step, as that of a task that runs here, so
 * that all rules of the database apply. Other sessions do not see the steps.
 */
export function endImport(db: Db, id: string, end: ImportedEnd): Promise<void> {
  return db.transaction().execute(async (tx) => {
    if (end.kind !== 'draft')
      await tx.updateTable('tasks').set({ task_status: 'uploaded' }).where('id', '=', id).execute();
    if (end.kind !== 'draft' && end.kind !== 'queued') {
      await endTask(tx, id, end);
      // The task ended long ago in the older worker, so receivers are not told now.
      await tx.deleteFrom('deliveries').where('task', '=', id).execute();
    }
    await sql`UPDATE imported_tasks SET fence = tasks.fence, imported_at = clock_timestamp()
      FROM tasks WHERE tasks.id = imported_tasks.task AND imported_tasks.task = ${id}`.execute(tx);
  });
}

async function endTask(tx: Tx, id: string, end: FinalEnd): Promise<void> {
  const ended = { status_note: rowNote(NOTE), finished_at: end.at, queued_at: end.at };
  const change = (values: object) =>
    tx
      .updateTable('tasks')
      .set({ ...ended, ...values })
      .where('id', '=', id)
      .execute();
  if (end.kind === 'failed') {
    await change({
      task_status: 'failed',
      error_code: 'E_IMPORTED',
      error_message: rowMessage([{ code: 'E_IMPORTED', text: end.error }]),
    });
  } else if (end.kind === 'completed') {
    const { startedAt, downloadName, counts, place } = end.result;
    const { claim } = await tx
      .updateTable('tasks')
      .set((eb) => ({
        task_status: 'processing',
        fence: eb('fence', '+', 1),
        attempts: 1,
        instance: 'import-sniffer',
        started_at: startedAt,
      }))
      .where('id', '=', id)
      .returning('claim')
      .executeTakeFirstOrThrow();
    const file = await place(must(claim, 'the claim of an imported task'));
    await listFiles(tx, id, [file]);
    // A new job_id lets a trigger withdraw the waiting job.
    await change({
      ...counts,
      task_status: 'completed',
      progress: 1,
      download_path: file.path,
      download_name: downloadName,
      job_id: sql`gen_random_uuid()`,
    });
  } else await change({ task_status: end.kind });
}

/** Deletes a task whose import has not ended, and forgets the import. */
export function forgetImport(db: Db, id: string): Promise<void> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('tasks').where('id', '=', id).execute();
    await tx.deleteFrom('imported_tasks').where('task', '=', id).execute();
  });
}

export interface Undone {
  /** How many tasks were deleted. */
  readonly removed: number;
  /** Ids, in the older worker's table, of tasks that have run or were changed here since their import. */
  readonly kept: readonly string[];
}

/** Whether a task has run here, or its user has queued, cancelled or changed it, or has a correction beside its result. */
const IS_USED = sql<boolean>`coalesce(
  imported.fence <> tasks.fence OR tasks.task_status = 'processing'
  OR (tasks.task_status = 'uploading' AND tasks.updated_at > imported.imported_at)
  OR (tasks.task_status = 'uploaded' AND (tasks.priority <> 0 OR tasks.not_before IS NOT NULL))
  OR EXISTS (SELECT FROM task_events AS event WHERE event.task = tasks.id AND event.at > imported.imported_at
             AND event.to_status IN ('uploaded', 'processing', 'cancelled'))
  OR EXISTS (SELECT FROM task_files AS file WHERE file.task = tasks.id AND file.kind = 'output'
             AND file.path <> tasks.download_path AND file.deleted_at IS NULL), false)`;

/**
 * Deletes all imported tasks that were not used or changed since, and forgets their import. Workers delete the files later.
 * @param isDryRun - only counts
 */
export async function undoImports(db: Db, isDryRun: boolean): Promise<Undone> {
  const kept: string[] = [];
  let removed = 0;
  let after = '';
  while (true) {
    const page = await readPage(db, after);
    const last = page.at(-1);
    if (last === undefined) return { removed, kept };
    after = last.old_id;
    kept.push(...page.filter(({ is_used }) => is_used).map(({ old_id }) => old_id));
    const oldIds = page.filter(({ is_used }) => !is_used).map(({ old_id }) => old_id);
    removed += isDryRun
      ? page.filter(({ is_there, is_used }) => is_there && !is_used).length
      : await deletePage(db, oldIds);
  }
}

async function readPage(db: Db, after: string) {
  const { rows } = await sql<{ old_id: string; is_used: boolean; is_there: boolean }>`
    SELECT old_id, tasks.id IS NOT NULL AS is_there,
           ${IS_USED} AS is_used
    FROM imported_tasks AS imported LEFT JOIN tasks ON tasks.id = imported.task
    WHERE old_id > ${after} ORDER BY old_id LIMIT ${UNDO_AT_ONCE}`.execute(db);
  return rows;
}

/** @returns how many tasks were deleted. A task that a worker has taken since the page was read is not deleted */
function deletePage(db: Db, oldIds: readonly string[]): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { numAffectedRows } = await sql`
      DELETE FROM tasks USING imported_tasks AS imported
      WHERE tasks.id = imported.task AND imported.old_id = ANY(${[...oldIds]}::text[])
        AND NOT ${IS_USED}`.execute(tx);
    await sql`DELETE FROM imported_tasks
      WHERE old_id = ANY(${[...oldIds]}::text[]) AND NOT EXISTS (SELECT FROM tasks WHERE id = task)`.execute(
      tx,
    );
    return Number(numAffectedRows ?? 0);
  });
}

/** Notes the copy of a user dictionary. @param path - of the copy @returns false: it was noted before */
export async function noteDictionary(db: Db, path: string, sha256: string): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('imported_dictionaries')
    .values({ path, sha256 })
    .onConflict((conflict) => conflict.column('path').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

export function listDictionaries(db: Db) {
  return db.selectFrom('imported_dictionaries').select(['path', 'sha256']).orderBy('path').execute();
}

export async function forgetDictionary(db: Db, path: string): Promise<void> {
  await db.deleteFrom('imported_dictionaries').where('path', '=', path).execute();
}
