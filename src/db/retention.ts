import { sql } from 'kysely';
import { storableJson } from '../base/storable-text.ts';
import { makeDurable } from './attempts.ts';
import type { Db, Tx } from './connect.ts';
import { isInSameFolder } from './same-folder.ts';
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
  /**
   * When the row was deleted, by the clock of the database; else null. Files that changed later belong to another task.
   */
  readonly recorded_at: Date | null;
}

/** An attempt may still be ending when its row is already deleted. */
const DELETED_SINCE_SEC = 60;

export interface EndedTask {
  readonly id: string;
  readonly task_id: string;
  readonly user_uuid: string;
  readonly fence: number;
  readonly claim: string;
  readonly download_path: string | null;
}

/** Tasks that were completed a while ago, and of which an earlier attempt may have left a result that no row points to. */
export async function findEnded(db: Db, endedBeforeSec: number, limit: number): Promise<EndedTask[]> {
  const { rows } = await sql<EndedTask>`
    SELECT id, task_id, user_uuid, fence, coalesce(claim, '') AS claim, download_path FROM tasks
    WHERE NOT results_tidy AND task_status = 'completed'
      AND finished_at <= now() - ${endedBeforeSec} * interval '1 second'
    ORDER BY finished_at LIMIT ${limit}`.execute(db);
  return rows;
}

/** Notes that nothing is left of earlier attempts of some tasks; not of one that was queued again meanwhile. */
export async function noteResultsTidy(db: Db, tasks: readonly EndedTask[]): Promise<void> {
  await sql`UPDATE tasks SET results_tidy = true
    FROM unnest(${tasks.map(({ id }) => id)}::bigint[], ${tasks.map(({ claim }) => claim)}::text[]) AS cleaned (id, claim)
    WHERE tasks.id = cleaned.id AND coalesce(tasks.claim, '') = cleaned.claim AND task_status = 'completed'`.execute(
    db,
  );
}

/** The rows that have some names of tasks of a user now, by `task_id`. */
export async function findNameHolders(
  db: Db,
  user: string,
  taskIds: readonly string[],
): Promise<Map<string, NameHolder>> {
  const { rows } = await sql<NameHolder & { task_id: string }>`
    SELECT task_id, id, task_status NOT IN ('completed', 'expired') AS "isOpen", download_path
    FROM tasks WHERE task_id = ANY(${[...taskIds]}) AND user_uuid = ${user}`.execute(db);
  return new Map(rows.map((row) => [row.task_id, row]));
}

/** The row that has a task's name now, if its results lie in the same folder. */
export async function findNameHolder(
  db: Db,
  { user_uuid, task_id }: { readonly user_uuid: string; readonly task_id: string },
): Promise<NameHolder | null> {
  return (await findNameHolders(db, user_uuid, [task_id])).get(task_id) ?? null;
}

export interface NameHolder {
  readonly id: string;
  /** It waits, runs, or can be queued again: results of its earlier attempts may still be needed. */
  readonly isOpen: boolean;
  readonly download_path: string | null;
}

/** Written so that an index finds each kind, see migrations/0001_tables.sql. */
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
  SELECT FROM tasks AS other WHERE ${isInSameFolder(table)}
    AND (other.task_status NOT IN ('expired', 'cancelled') OR other.inputs_deleted_at IS NULL))`;

/** Tasks whose files are to go: those that were not tried before first, then the ones that were tried longest ago. */
export async function findOutdated(db: Db, keep: KeepTimes, limit: number): Promise<OutdatedTask[]> {
  // Otherwise the planner may read all tasks by id, expecting to find enough soon.
  const { rows } = await sql<OutdatedTask>`
    WITH due AS MATERIALIZED (
      SELECT id, task_id, user_uuid, task_path, task_status, removal_started_at FROM tasks WHERE ${isDue(keep)})
    SELECT id, task_id, user_uuid, task_path, task_status, ${isShared('tasks')} AS is_shared, NULL AS recorded_at
    FROM due AS tasks ORDER BY removal_started_at NULLS FIRST, id LIMIT ${limit}`.execute(db);
  // Tasks that had to wait for another task come last, so that they do not hold up the others.
  const { rows: deleted } = await sql<OutdatedTask>`
    SELECT id, task_id, user_uuid, task_path, 'deleted' AS task_status, ${isShared('deleted_tasks')} AS is_shared,
      greatest(recorded_at, deleted_at) AS recorded_at
    FROM deleted_tasks WHERE deleted_at < now() - ${DELETED_SINCE_SEC} * interval '1 second'
    ORDER BY tried_at NULLS FIRST, id LIMIT ${limit}`.execute(db);
  return [...rows, ...deleted];
}

/**
 * Marks a task: from now on its files may be gone, and it cannot be queued again with them. In a transaction of its
 * own, before the first file goes.
 * @returns the task as it is now; undefined when it is not due any more
 */
export async function startRemoval(
  db: Db,
  task: OutdatedTask,
  keep: KeepTimes,
  note: string,
): Promise<OutdatedTask | undefined> {
  return db.transaction().execute(async (tx) => {
    await makeDurable(tx);
    return markOutdated(tx, task, keep, note);
  });
}

async function markOutdated(
  tx: Tx,
  task: OutdatedTask,
  keep: KeepTimes,
  note: string,
): Promise<OutdatedTask | undefined> {
  const { rows } =
    task.task_status === 'deleted'
      ? await sql<OutdatedTask>`
          UPDATE deleted_tasks SET tried_at = now() WHERE id = ${task.id}
          RETURNING id, task_id, user_uuid, task_path, 'deleted' AS task_status,
            ${isShared('deleted_tasks')} AS is_shared, greatest(recorded_at, deleted_at) AS recorded_at`.execute(
          tx,
        )
      : await sql<OutdatedTask>`
          UPDATE tasks SET removal_started_at = clock_timestamp(),
            task_status = CASE WHEN task_status IN ('failed', 'completed') THEN 'expired' ELSE task_status END,
            status_note = CASE WHEN task_status IN ('failed', 'completed') THEN ${note} ELSE status_note END,
            download_path = CASE WHEN task_status IN ('cancelled', 'uploading') THEN download_path END
          WHERE id = ${task.id} AND ${isDue(keep)}
          RETURNING id, task_id, user_uuid, task_path, task_status, ${isShared('tasks')} AS is_shared,
            NULL AS recorded_at`.execute(tx);
  return rows[0];
}

export interface RemovedFile {
  readonly kind: FileKind;
  readonly path: string;
  readonly original_name: string;
  readonly bytes: number;
}

/**
 * Writes the receipts, and that the removal has ended. A deleted task is forgotten then, unless another one still uses its
 * folder: what it left there goes when that one is over.
 */
export async function noteRemoved(
  db: Db,
  { id, task_status, is_shared }: OutdatedTask,
  files: readonly RemovedFile[],
): Promise<void> {
  if (task_status === 'deleted') {
    if (!is_shared) await db.deleteFrom('deleted_tasks').where('id', '=', id).execute();
    return;
  }
  await db.transaction().execute(async (tx) => {
    await sql`
      INSERT INTO task_files (task, kind, path, original_name, bytes, deleted_at)
      SELECT ${id}, kind, path, original_name, bytes, now()
      FROM jsonb_to_recordset(${storableJson(files)}::jsonb) AS f(kind text, path text, original_name text, bytes bigint)
      ON CONFLICT ON CONSTRAINT file_listed_once DO UPDATE SET deleted_at = now()`.execute(tx);
    // A cancelled task that was queued again meanwhile has lost its mark.
    await sql`UPDATE tasks SET inputs_deleted_at = clock_timestamp()
      WHERE id = ${id} AND removal_started_at IS NOT NULL`.execute(tx);
  });
}

/** What decides whether the logs of a task stay. */
export interface LogOwner {
  readonly id: string;
  readonly task_id: string;
  /** Waits, or runs. */
  readonly is_open: boolean;
  /** Its files were removed, since it expired or its time was over. */
  readonly is_emptied: boolean;
}

/** Those of the tasks with some ids of rows, or with some names, that have a row. */
export async function findLogOwners(
  db: Db,
  rowIds: readonly string[],
  taskIds: readonly string[],
): Promise<LogOwner[]> {
  const { rows } = await sql<LogOwner>`
    SELECT id, task_id, task_status IN ('uploaded', 'processing') AS is_open,
           task_status = 'expired' OR coalesce(inputs_deleted_at >= finished_at, false) AS is_emptied
    FROM tasks WHERE id = ANY(${[...rowIds]}::bigint[]) OR task_id = ANY(${[...taskIds]}::text[])`.execute(
    db,
  );
  return rows;
}

/** The current time of the database. */
export async function readClock(db: Db): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(db);
  return rows[0]?.now ?? new Date();
}
