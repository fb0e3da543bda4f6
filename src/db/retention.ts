import { sql } from 'kysely';
import { must } from '../base/must.ts';
import { storableJson } from '../base/storable-text.ts';
import { makeDurable } from './attempts.ts';
import type { Db, Tx } from './connect.ts';
import { isInSameFolder } from './same-folder.ts';
import type { FileKind, TaskStatus } from './schema.ts';

export interface KeepTimes {
  /** For inputs of failed and cancelled tasks, and of drafts that nobody changes. 0: they are kept for ever. */
  readonly failedInputsSec: number;
  /** For results of completed tasks. 0: they are kept until the row expires or is deleted. */
  readonly resultsSec: number;
}

/** A task whose files must be deleted. */
export interface OutdatedTask {
  readonly id: string;
  readonly task_id: string;
  readonly user_uuid: string;
  readonly task_path: string | null;
  /** `deleted`: its row is gone. */
  readonly task_status: TaskStatus | 'deleted';
  /** Whether another task's files lie in the same folder, above it or below it. */
  readonly is_shared: boolean;
  /** When the row was deleted, by the clock of the database; otherwise null. Files that changed later belong to another task. */
  readonly recorded_at: Date | null;
}

/** How long ago a row must have been deleted: until then, its attempt may still be ending and write files. */
const DELETED_SINCE_SEC = 60;

export interface EndedTask {
  readonly id: string;
  readonly task_id: string;
  readonly user_uuid: string;
  readonly fence: number;
  readonly claim: string;
  readonly download_path: string | null;
}

/** Completed tasks of which an earlier attempt may have left a result that no row points to, the oldest first. */
export async function findEnded(db: Db, endedBeforeSec: number, limit: number): Promise<EndedTask[]> {
  const { rows } = await sql<EndedTask>`
    SELECT id, task_id, user_uuid, fence, coalesce(claim, '') AS claim, download_path FROM tasks
    WHERE NOT results_tidy AND task_status = 'completed'
      AND finished_at <= now() - ${endedBeforeSec} * interval '1 second'
    ORDER BY finished_at LIMIT ${limit}`.execute(db);
  return rows;
}

/** Notes that nothing is left of the earlier attempts of `tasks`. A task that was queued again meanwhile is not changed. */
export async function noteResultsTidy(db: Db, tasks: readonly EndedTask[]): Promise<void> {
  await sql`UPDATE tasks SET results_tidy = true
    FROM unnest(${tasks.map(({ id }) => id)}::bigint[], ${tasks.map(({ claim }) => claim)}::text[]) AS cleaned (id, claim)
    WHERE tasks.id = cleaned.id AND coalesce(tasks.claim, '') = cleaned.claim AND task_status = 'completed'`.execute(
    db,
  );
}

/** The rows that have these `task_id`s now and belong to this user, by `task_id`. */
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

/** The row that has a task's `task_id` and user now: its results lie in the same folder. */
export async function findNameHolder(
  db: Db,
  { user_uuid, task_id }: { readonly user_uuid: string; readonly task_id: string },
): Promise<NameHolder | null> {
  return (await findNameHolders(db, user_uuid, [task_id])).get(task_id) ?? null;
}

export interface NameHolder {
  readonly id: string;
  /** Whether it waits, runs, or can be queued again: results of its earlier attempts may still be needed. */
  readonly isOpen: boolean;
  readonly download_path: string | null;
}

/** Whether the files of a task must be deleted. Each kind has the condition of an index in migrations/0001_tables.sql. */
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

/** Whether another task still has files in the same folder. */
const isShared = (table: 'tasks' | 'deleted_tasks') => sql<boolean>`EXISTS (
  SELECT FROM tasks AS other WHERE ${isInSameFolder(table)}
    AND (other.task_status NOT IN ('expired', 'cancelled') OR other.inputs_deleted_at IS NULL))`;

/**
 * Finds tasks whose files must be deleted: first those that were not tried before, then those that were tried longest ago. So a
 * task that has to wait for another one does not hold up the rest.
 */
export async function findOutdated(db: Db, keep: KeepTimes, limit: number): Promise<OutdatedTask[]> {
  // MATERIALIZED: otherwise the planner may read all tasks by id, expecting to find enough soon.
  const { rows } = await sql<OutdatedTask>`
    WITH due AS MATERIALIZED (
      SELECT id, task_id, user_uuid, task_path, task_status, removal_started_at FROM tasks WHERE ${isDue(keep)})
    SELECT id, task_id, user_uuid, task_path, task_status, ${isShared('tasks')} AS is_shared, NULL AS recorded_at
    FROM due AS tasks ORDER BY removal_started_at NULLS FIRST, id LIMIT ${limit}`.execute(db);
  const { rows: deleted } = await sql<OutdatedTask>`
    SELECT id, task_id, user_uuid, task_path, 'deleted' AS task_status, ${isShared('deleted_tasks')} AS is_shared,
      greatest(recorded_at, deleted_at) AS recorded_at
    FROM deleted_tasks WHERE deleted_at < now() - ${DELETED_SINCE_SEC} * interval '1 second'
    ORDER BY tried_at NULLS FIRST, id LIMIT ${limit}`.execute(db);
  return [...rows, ...deleted];
}

/**
 * Marks a task before its first file is deleted, in a transaction of its own. From then on it cannot be queued again with its
 * files.
 * @param note - the reason, for `status_note`
 * @returns the task as it is now; undefined: its files must no longer be deleted
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
 * Writes the receipts, and that the removal has ended. A deleted task is then forgotten, unless another task still uses its
 * folder: the rest of its files is deleted when that task needs the folder no longer.
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
    // If a cancelled task was queued again meanwhile, it has no mark, and its new files are not deleted.
    await sql`UPDATE tasks SET inputs_deleted_at = clock_timestamp()
      WHERE id = ${id} AND removal_started_at IS NOT NULL`.execute(tx);
  });
}

/** What decides whether the logs of a task are kept. */
export interface LogOwner {
  readonly id: string;
  readonly task_id: string;
  /** It waits or runs. */
  readonly is_open: boolean;
  /** It has expired, or its inputs were deleted after it ended. */
  readonly is_emptied: boolean;
}

/** The rows with one of these `tasks.id`s or `task_id`s. */
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
  return must(rows[0], 'the time of the database').now;
}
