import { sql } from 'kysely';
import type { Db, Tx } from './connect.ts';
import { isNeighbour } from './neighbours.ts';
import type { FileKind, TaskStatus } from './schema.ts';

export interface KeepTimes {
  /** Inputs of failed and cancelled tasks, and of uploads that were given up. 0: for ever. */
  readonly failedInputsSec: number;
  /** Results of completed tasks. 0: until their row is marked as expired or deleted. */
  readonly resultsSec: number;
}

/** A task whose files are to go. */
export interface OutdatedTask {
  readonly id: string;
  readonly task_id: string;
  readonly user_uuid: string;
  readonly task_path: string | null;
  /** `deleted`: its row is gone. */
  readonly task_status: TaskStatus | 'deleted';
  /** Whether another task's files lie in the same folder, above it or below it. */
  readonly is_shared: boolean;
  /** Whether there is a row of the same name again, whose results lie in the same place. */
  readonly is_reborn: boolean;
}

/** What runs may still be on its way to its end when its row is gone. */
const DELETED_SINCE_SEC = 60;

/** Files are removed while the database is held: on a slow disk, more than a silent transaction is given else. */
export async function allowFileWork(tx: Tx): Promise<void> {
  await sql`SET LOCAL idle_in_transaction_session_timeout = '10min'`.execute(tx);
}

/** Takes a chore when it is due, for this instance alone. @returns false when another one has done it */
export async function takeChore(db: Db, name: string, intervalSec: number): Promise<boolean> {
  const { rows } = await sql`UPDATE chores SET run_at = now()
    WHERE name = ${name} AND run_at < now() - ${intervalSec} * interval '1 second' RETURNING name`.execute(
    db,
  );
  return rows.length === 1;
}

/**
 * Does a chore in the name of all, from where it was left the last time. When `act` fails, or the process dies, it is
 * still to be done. Does nothing while another instance is at it.
 * @param act - told when the chore was done the last time, by the database's clock
 */
export async function holdChore(
  db: Db,
  name: string,
  act: (tx: Tx, lastRunAt: string) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ run_at: string }>`
      SELECT run_at::text FROM chores WHERE name = ${name} FOR UPDATE SKIP LOCKED`.execute(tx);
    if (rows[0] === undefined) return;
    await allowFileWork(tx);
    await act(tx, rows[0].run_at);
    await sql`UPDATE chores SET run_at = now() WHERE name = ${name}`.execute(tx);
  });
}

export interface EndedTask {
  readonly task_id: string;
  readonly user_uuid: string;
  readonly fence: number;
  /** Whether the row points to the result of that fence. */
  readonly has_result: boolean;
}

/**
 * Tasks that ended a while ago, and of which an attempt may have left a result that no row points to.
 * @param lastRunAt - those that ended so long before then were looked at
 */
export async function findEnded(db: Tx, lastRunAt: string, endedBeforeSec: number): Promise<EndedTask[]> {
  const { rows } = await sql<EndedTask>`
    SELECT task_id, user_uuid, fence, task_status = 'completed' AS has_result FROM tasks
    WHERE (task_status IN ('failed', 'cancelled') AND fence > 0 OR task_status = 'completed' AND fence > 1)
      AND finished_at > ${lastRunAt}::timestamptz - ${endedBeforeSec} * interval '1 second'
      AND finished_at <= now() - ${endedBeforeSec} * interval '1 second'`.execute(db);
  return rows;
}

/** Written so that an index finds each kind, see migrations/0012_find_outdated_tasks.sql. */
const isDue = ({ failedInputsSec, resultsSec }: KeepTimes) => {
  const longAgo = (sec: number) => sql`now() - ${sec} * interval '1 second'`;
  const hasFiles = sql`(inputs_deleted_at IS NULL OR inputs_deleted_at < finished_at)`;
  const kinds = [sql`task_status = 'expired' AND ${hasFiles}`];
  if (resultsSec > 0) kinds.push(sql`task_status = 'completed' AND finished_at < ${longAgo(resultsSec)}`);
  if (failedInputsSec > 0) {
    kinds.push(
      sql`task_status = 'failed' AND finished_at < ${longAgo(failedInputsSec)}`,
      sql`task_status = 'cancelled' AND finished_at < ${longAgo(failedInputsSec)} AND ${hasFiles}`,
      sql`task_status = 'uploading' AND updated_at < ${longAgo(failedInputsSec)} AND ${hasFiles}`,
    );
  }
  return sql<boolean>`(${sql.join(kinds, sql` OR `)})`;
};

/** Another task that still has files in the same folder. */
const isShared = (table: 'tasks' | 'deleted_tasks') => sql<boolean>`EXISTS (
  SELECT FROM tasks AS other WHERE ${isNeighbour(table)}
    AND (other.task_status NOT IN ('expired', 'cancelled') OR other.inputs_deleted_at IS NULL))`;

/** Tasks whose files are to go, the oldest first. */
export async function findOutdated(db: Db, keep: KeepTimes, limit: number): Promise<OutdatedTask[]> {
  // Else the planner may walk all tasks by id, in the hope to find enough soon.
  const { rows } = await sql<OutdatedTask>`
    WITH due AS MATERIALIZED (
      SELECT id, task_id, user_uuid, task_path, task_status FROM tasks WHERE ${isDue(keep)})
    SELECT id, task_id, user_uuid, task_path, task_status, ${isShared('tasks')} AS is_shared, false AS is_reborn
    FROM due AS tasks ORDER BY id LIMIT ${limit}`.execute(db);
  const { rows: deleted } = await sql<OutdatedTask>`
    SELECT id, task_id, user_uuid, task_path, 'deleted' AS task_status, ${isShared('deleted_tasks')} AS is_shared,
      EXISTS (SELECT FROM tasks WHERE tasks.task_id = deleted_tasks.task_id) AS is_reborn
    FROM deleted_tasks WHERE deleted_at < now() - ${DELETED_SINCE_SEC} * interval '1 second'
    ORDER BY id LIMIT ${limit}`.execute(db);
  return [...rows, ...deleted];
}

/**
 * The same task once more, held so that nobody can queue it anew meanwhile.
 * @returns undefined when it is not due any more, or somebody else has it
 */
export async function lockOutdated(
  tx: Tx,
  task: OutdatedTask,
  keep: KeepTimes,
): Promise<OutdatedTask | undefined> {
  const { rows } =
    task.task_status === 'deleted'
      ? await sql<OutdatedTask>`
          SELECT id, task_id, user_uuid, task_path, 'deleted' AS task_status, ${isShared('deleted_tasks')} AS is_shared,
      EXISTS (SELECT FROM tasks WHERE tasks.task_id = deleted_tasks.task_id) AS is_reborn
          FROM deleted_tasks WHERE id = ${task.id} FOR UPDATE SKIP LOCKED`.execute(tx)
      : await sql<OutdatedTask>`
          SELECT id, task_id, user_uuid, task_path, task_status, ${isShared('tasks')} AS is_shared, false AS is_reborn
          FROM tasks WHERE id = ${task.id} AND ${isDue(keep)} FOR UPDATE SKIP LOCKED`.execute(tx);
  return rows[0];
}

export interface RemovedFile {
  readonly kind: FileKind;
  readonly path: string;
  readonly original_name: string;
  readonly bytes: number;
}

/** Writes the receipts. A task that failed or was completed is expired from now on; one whose row is gone is forgotten. */
export async function noteRemoved(
  tx: Tx,
  { id, task_status }: OutdatedTask,
  files: readonly RemovedFile[],
  note: string,
): Promise<void> {
  if (task_status === 'deleted') {
    await tx.deleteFrom('deleted_tasks').where('id', '=', id).execute();
    return;
  }
  for (const file of files) {
    await tx
      .insertInto('task_files')
      .values({ task: id, ...file, sha256: null, deleted_at: sql<Date>`now()` as never })
      .onConflict((conflict) =>
        conflict.constraint('file_listed_once').doUpdateSet({ deleted_at: sql<Date>`now()` }),
      )
      .execute();
  }
  const expires = task_status === 'failed' || task_status === 'completed';
  await tx
    .updateTable('tasks')
    .set({
      inputs_deleted_at: sql<Date>`clock_timestamp()`,
      ...(expires ? { task_status: 'expired' as const, status_note: note } : {}),
      ...(expires || task_status === 'expired' ? { download_path: null } : {}),
    })
    .where('id', '=', id)
    .execute();
}

/** What decides whether the logs of a task stay. */
export interface LogOwner {
  readonly task_id: string;
  /** Waits, or runs. */
  readonly is_open: boolean;
  /** Its files were removed, since it expired or its time was over. */
  readonly is_emptied: boolean;
}

/** Those of some tasks that have a row, by task_id. */
export async function findLogOwners(db: Db, taskIds: readonly string[]): Promise<Map<string, LogOwner>> {
  const { rows } = await sql<LogOwner>`
    SELECT task_id, task_status IN ('uploaded', 'processing') AS is_open,
           task_status = 'expired' OR coalesce(inputs_deleted_at >= finished_at, false) AS is_emptied
    FROM tasks WHERE task_id = ANY(${[...taskIds]})`.execute(db);
  return new Map(rows.map((row) => [row.task_id, row]));
}
