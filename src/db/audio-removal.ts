import { sql } from 'kysely';
import type { Fence, NamedFence } from './attempts.ts';
import type { Db } from './connect.ts';
import { isInSameFolder } from './same-folder.ts';

/** Others in the folder that have their files and may still run: they wait, run, or can be queued again. */
const isAudioNeededByOthers = sql<boolean>`EXISTS (
  SELECT FROM tasks AS other WHERE ${isInSameFolder('tasks')} AND other.task_status NOT IN ('completed', 'expired')
    AND NOT coalesce(other.inputs_deleted_at >= other.finished_at, false))`;

/**
 * Marks a completed task: a task that is added in its folder from now on counts as added after the removal of the
 * audio.
 */
export async function startAudioRemoval(db: Db, { id, fence, claim }: Fence): Promise<void> {
  await sql`UPDATE tasks SET removal_started_at = now(), removal_xid = pg_current_xact_id()
    WHERE id = ${id} AND fence = ${fence} AND coalesce(claim, '') = ${claim} AND task_status = 'completed' AND stage = 'cleanup'
      AND removal_xid IS NULL`.execute(db);
}

/**
 * Transactions of this database that are open and began to write before the mark. Their numbers come from the snapshot of
 * the statement, so that what they add is not visible in it. Numbers are shared by all databases of a server: that of a
 * session in another one is left out. One that has ended since, or is prepared, has no session, and counts.
 */
const openBeforeMark = sql`SELECT FROM pg_snapshot_xip(pg_current_snapshot()) AS open
  WHERE open < removal_xid AND NOT EXISTS (
    SELECT FROM pg_locks AS own JOIN pg_stat_activity AS session USING (pid)
    WHERE own.locktype = 'transactionid' AND own.transactionid = open::xid AND own.mode = 'ExclusiveLock' AND own.granted
      AND session.datid <> (SELECT oid FROM pg_database WHERE datname = current_database()))`;

/**
 * Whether the audio of a marked task may go: the row still says so, no other task needs the audio, and no transaction
 * is open that began to write before the mark. One of those may add a task in the same folder that no other session
 * can see yet.
 * @returns where its result is; null: the audio stays for now
 */
export async function mayRemoveAudio(
  db: Db,
  { id, fence, claim }: Fence,
): Promise<{ readonly resultPath: string } | null> {
  // A transaction number from another server, after a restore, may lie in the future: no open one is older then.
  const { rows } = await sql<{ may_go: boolean; download_path: string }>`
    SELECT download_path, (NOT EXISTS (${openBeforeMark}) OR removal_xid >= pg_snapshot_xmax(pg_current_snapshot()))
           AND NOT ${isAudioNeededByOthers} AS may_go
    FROM tasks WHERE id = ${id} AND fence = ${fence} AND coalesce(claim, '') = ${claim}
      AND task_status = 'completed' AND stage = 'cleanup'`.execute(db);
  return rows[0]?.may_go === true ? { resultPath: rows[0].download_path } : null;
}

/** Notes that the audio of a task could not go yet: it is tried again later, behind the others. */
export async function noteAudioKept(db: Db, { id, fence, claim }: Fence): Promise<void> {
  // A trigger sets updated_at, which says when it was tried.
  await sql`UPDATE tasks SET removal_started_at = removal_started_at
    WHERE id = ${id} AND fence = ${fence} AND coalesce(claim, '') = ${claim} AND task_status = 'completed'`.execute(
    db,
  );
}

/**
 * Writes the receipts for deleted audio and, when there is no more to do, closes the cleanup stage, in one statement.
 */
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
  /** Null: an application has since removed it from the row. Then no file is known to be the task's own. */
  readonly task_path: string | null;
}

/**
 * Completed tasks whose audio is still there, from a while after their end. After a failed try, a task is tried again
 * when as much time has passed as until then.
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
  /** Relative to the uploads folder. */
  readonly path: string;
  /** Its version when it was aligned; null: not known. */
  readonly version: string | null;
}

/** Recordings of a task without a receipt. */
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
