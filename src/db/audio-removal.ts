import { sql } from 'kysely';
import type { Fence, NamedFence } from './attempts.ts';
import type { Db } from './connect.ts';
import { isInSameFolder } from './same-folder.ts';

/** Whether the folder has another task that waits, runs, or can be queued again with its files. */
const isAudioNeededByOthers = sql<boolean>`EXISTS (
  SELECT FROM tasks AS other WHERE ${isInSameFolder('tasks')} AND other.task_status NOT IN ('completed', 'expired')
    AND NOT coalesce(other.inputs_deleted_at >= other.finished_at, false))`;

/**
 * Marks a completed task with the current transaction. A task that is added in its folder from now on counts as added after the
 * audio was removed.
 */
export async function startAudioRemoval(db: Db, { id, fence, claim }: Fence): Promise<void> {
  await sql`UPDATE tasks SET removal_started_at = now(), removal_xid = pg_current_xact_id()
    WHERE id = ${id} AND fence = ${fence} AND coalesce(claim, '') = ${claim} AND task_status = 'completed' AND stage = 'cleanup'
      AND removal_xid IS NULL`.execute(db);
}

/**
 * Open transactions of this database that began to write before the mark. Their numbers come from the snapshot of the
 * statement, which does not see what they add. All databases of a server share these numbers: a number whose session is in
 * another database is left out. A number without a session counts: its transaction has just ended, or is a prepared one.
 */
const openBeforeMark = sql`SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS open
  WHERE open < removal_xid AND NOT EXISTS (
    SELECT FROM pg_locks AS own JOIN pg_stat_activity AS session USING (pid)
    WHERE own.locktype = 'transactionid' AND own.transactionid = open::xid AND own.mode = 'ExclusiveLock' AND own.granted
      AND session.datid <> (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/**
 * Whether the audio of a marked task may be deleted: the attempt still has the task, no other task needs the audio, and no
 * transaction is open that began to write before the mark. Such a transaction may have added a task in the same folder that
 * other sessions cannot see yet.
 * @returns the path of the result; null: the audio stays for now
 */
export async function mayRemoveAudio(
  db: Db,
  { id, fence, claim }: Fence,
): Promise<{ readonly resultPath: string } | null> {
  // After a restore on another server, the number of the mark may be in the future: it says nothing about open transactions.
  const { rows } = await sql<{ may_go: boolean; download_path: string }>`
    SELECT download_path, (NOT EXISTS (${openBeforeMark}) OR removal_xid >= pg_snapshot_xmax(pg_current_snapshot()))
           AND NOT ${isAudioNeededByOthers} AS may_go
    FROM tasks WHERE id = ${id} AND fence = ${fence} AND coalesce(claim, '') = ${claim}
      AND task_status = 'completed' AND stage = 'cleanup'`.execute(db);
  return rows[0]?.may_go === true ? { resultPath: rows[0].download_path } : null;
}

/** Notes that the audio of a task could not be deleted yet, so that it is tried again later, after other tasks. */
export async function noteAudioKept(db: Db, { id, fence, claim }: Fence): Promise<void> {
  // The update changes nothing, but a trigger sets updated_at, the time of the last try.
  await sql`UPDATE tasks SET removal_started_at = removal_started_at
    WHERE id = ${id} AND fence = ${fence} AND coalesce(claim, '') = ${claim} AND task_status = 'completed'`.execute(
    db,
  );
}

/** Writes the receipts for deleted audio. @param isDone - whether the cleanup stage ends */
export async function noteCleanedUp(
  db: Db,
  { id, fence, claim }: Fence,
  deletedPaths: readonly string[],
  isDone: boolean,
): Promise<void> {
  await sql`WITH receipts AS (
      UPDATE task_files SET deleted_at = now()
      WHERE task = ${id} AND kind = 'audio' AND deleted_at IS NULL AND path = ANY(${[...deletedPaths]})
    )
    UPDATE tasks SET stage = CASE WHEN ${isDone}::boolean THEN NULL ELSE stage END
    WHERE id = ${id} AND fence = ${fence} AND coalesce(claim, '') = ${claim} AND task_status = 'completed'`.execute(
    db,
  );
}

export interface CompletedTask extends NamedFence {
  /** Null: an application has set it to null since. Then it is not known which files belong to the task. */
  readonly task_path: string | null;
}

/**
 * Finds completed tasks whose audio is not deleted. The pause after a try is as long as the time from the end of the task to
 * that try, at most an hour.
 * @param olderThanSec - how long ago a task must have ended
 */
export async function findUncleaned(db: Db, olderThanSec: number, limit: number): Promise<CompletedTask[]> {
  const { rows } = await sql<CompletedTask>`
    SELECT id, task_id, task_path, fence, coalesce(claim, '') AS claim FROM tasks
    WHERE task_status = 'completed' AND stage = 'cleanup'
      AND finished_at <= now() - ${olderThanSec} * interval '1 second'
      AND (removal_xid IS NULL OR updated_at + least(updated_at - finished_at, interval '1 hour') <= now())
      AND NOT ${isAudioNeededByOthers}
    ORDER BY updated_at, id LIMIT ${limit}`.execute(db);
  return rows;
}

export interface AudioFile {
  /** Relative to UPLOADS. */
  readonly path: string;
  /** Version of the file when it was aligned, see `fileVersion`; null: not known. */
  readonly version: string | null;
}

/** The recordings of a task that have no receipt. */
export function listAudio(db: Db, rowId: string): Promise<AudioFile[]> {
  return db
    .selectFrom('task_files')
    .select(['path', 'version'])
    .where('task', '=', rowId)
    .where('kind', '=', 'audio')
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .execute();
}
