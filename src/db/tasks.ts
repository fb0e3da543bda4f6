import { sql } from 'kysely';
import { withFormerCodes } from '../base/errors.ts';
import type { Search } from '../base/site-policy.ts';
import type { StageName } from '../base/stage-name.ts';
import type { Db } from './connect.ts';
import type { FileKind, PartialResults, Speakers, TaskStatus } from './schema.ts';

/** The columns that the faces show. */
const TASK_COLUMNS = [
  'id',
  'task_id',
  'user_uuid',
  'lang',
  'engine',
  'task_status',
  'priority',
  'task_path',
  'download_path',
  'download_name',
  'log_path',
  'stage',
  'progress',
  'fence',
  'claim',
  'attempts',
  'crashes',
  'instance',
  'job_id',
  'status_note',
  'error_code',
  'error_message',
  'faults',
  'warnings',
  'no_of_files',
  'no_of_tiers',
  'words',
  'missing_words',
  'audio_seconds',
  'size_bytes',
  'partial_results',
  'speakers',
  'search',
  'channels',
  'formats',
  'columns',
  'not_before',
  'notify_url',
  'queued_at',
  'started_at',
  'finished_at',
  'created_at',
  'updated_at',
] as const;

export interface NewTask {
  readonly task_id: string;
  readonly user_uuid: string;
  readonly lang: string;
  readonly engine: string | null;
  readonly priority: number;
  readonly task_path: string;
  readonly no_of_files: number;
  readonly size_bytes: number;
  readonly partial_results: PartialResults | null;
  readonly speakers: Speakers;
  readonly search: Search | null;
  /** See `Channels`; null: the policy of the site. */
  readonly channels: string | null;
  /** Names with commas between them; null: the policy of the site. */
  readonly formats: string | null;
  /** Columns of tables that the user has chosen; null: none. */
  readonly columns: string | null;
  /** When workers may take it; null: at once. */
  readonly not_before: Date | null;
  /** URL that is told when the task has ended; null: only the URL of its user, if there is one. */
  readonly notify_url: string | null;
  /** The name that its user has given to it. */
  readonly name: string | null;
}

/** Adds a task whose files are still being copied. No worker claims it yet. */
export async function insertUploadingTask(db: Db, task: NewTask): Promise<void> {
  await db.insertInto('tasks').values(task).execute();
}

/** Queues a task: a trigger makes its job. */
export async function markUploaded(db: Db, taskId: string): Promise<void> {
  await db.updateTable('tasks').set({ task_status: 'uploaded' }).where('task_id', '=', taskId).execute();
}

/** Deletes a task whose files could not be copied. */
export async function deleteUploadingTask(db: Db, taskId: string): Promise<void> {
  await db.deleteFrom('tasks').where('task_id', '=', taskId).where('task_status', '=', 'uploading').execute();
}

export type TaskRow = NonNullable<Awaited<ReturnType<typeof findTask>>>;

export function findTask(db: Db, taskId: string) {
  return db.selectFrom('tasks').select(TASK_COLUMNS).where('task_id', '=', taskId).executeTakeFirst();
}

/** Up to three ids that begin with `prefix`: enough to know whether it names one task, and to show others. */
export async function findTaskIds(db: Db, prefix: string): Promise<string[]> {
  const rows = await db
    .selectFrom('tasks')
    .select('task_id')
    .where(sql<boolean>`starts_with(task_id, ${prefix})`)
    .orderBy('task_id')
    .limit(3)
    .execute();
  return rows.map(({ task_id }) => task_id);
}

export function listTasks(db: Db, taskIds: readonly string[]) {
  return db
    .selectFrom('tasks')
    .select(TASK_COLUMNS)
    .where('task_id', 'in', [...taskIds])
    .orderBy('id')
    .execute();
}

/** The 100 running tasks that began first, at most. */
export function listRunning(db: Db) {
  return db
    .selectFrom('tasks')
    .select(TASK_COLUMNS)
    .where('task_status', '=', 'processing')
    .orderBy('started_at')
    .limit(100)
    .execute();
}

export interface StatusCount {
  readonly task_status: TaskStatus;
  readonly tasks: number;
  readonly oldest: Date;
}

export async function countByStatus(db: Db): Promise<StatusCount[]> {
  const { rows } =
    await sql<StatusCount>`SELECT task_status, tasks::int, oldest FROM task_status_counts`.execute(db);
  return rows;
}

export interface QueueDepth {
  readonly engine: string | null;
  readonly ready: number;
  readonly delayed: number;
  readonly oldest_waits_sec: number;
  /** How many tasks wait for the time that their user has chosen. */
  readonly later: number;
  /** The earliest of these times; null: there are none. */
  readonly next_later: Date | null;
}

export async function readQueueDepth(db: Db): Promise<QueueDepth[]> {
  const { rows } = await sql<QueueDepth>`
    SELECT engine, ready::int, delayed::int, oldest_waits_sec::float8, later::int, next_later
    FROM queue_depth`.execute(db);
  return rows;
}

/** The function `forecast_tasks` counts no more tasks than this before a task. */
export const MAX_AHEAD = 10_000;

/** Running tasks whose instance shows no sign of life. */
export async function listStuckTaskIds(db: Db): Promise<string[]> {
  const { rows } = await sql<{ task_id: string }>`SELECT task_id FROM stuck_tasks`.execute(db);
  return rows.map(({ task_id }) => task_id);
}

export interface TaskEvent {
  readonly at: Date;
  readonly from_status: TaskStatus | null;
  readonly to_status: TaskStatus;
  readonly stage: StageName | null;
  readonly fence: number;
  readonly instance: string | null;
  readonly note: string | null;
}

export function listEvents(db: Db, rowId: string): Promise<TaskEvent[]> {
  return db
    .selectFrom('task_events')
    .select(['at', 'from_status', 'to_status', 'stage', 'fence', 'instance', 'note'])
    .where('task', '=', rowId)
    .orderBy('id')
    .execute();
}

export function listStages(db: Db, rowId: string) {
  return db
    .selectFrom('task_stages')
    .select(['fence', 'stage', 'started_at', 'seconds', 'outcome'])
    .where('task', '=', rowId)
    .orderBy('started_at')
    .execute();
}

export interface TaskFile {
  readonly kind: FileKind;
  readonly path: string;
  readonly original_name: string;
  readonly bytes: string | null;
  readonly sha256: string | null;
  readonly deleted_at: Date | null;
}

export function listTaskFiles(db: Db, rowId: string): Promise<TaskFile[]> {
  return db
    .selectFrom('task_files')
    .select(['kind', 'path', 'original_name', 'bytes', 'sha256', 'deleted_at'])
    .where('task', '=', rowId)
    .orderBy('id')
    .execute();
}

/** Deletes a task. Its worker ends the engine, and its files are deleted later. @returns false: there was no such task */
export async function deleteTask(db: Db, taskId: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('tasks').where('task_id', '=', taskId).executeTakeFirst();
  return numDeletedRows === 1n;
}

/** Cancels a task that waits or runs: a trigger withdraws it from its worker or the queue. @returns false: it does neither */
export async function requestCancel(db: Db, taskId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('tasks')
    .set({ cancel_requested: true, status_note: 'cancelled by request' })
    .where('task_id', '=', taskId)
    .where('task_status', 'in', ['uploaded', 'processing'])
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/**
 * Queues tasks again: either the named tasks, if they failed or were cancelled, or all tasks that failed with a code. A cancelled
 * task may have the code of an earlier attempt; it is not queued with the others, since its user cancelled it.
 * @returns the ids of the queued tasks
 */
export async function retryTasks(
  db: Db,
  which: { readonly taskIds: readonly string[] } | { readonly errorCode: string },
  changes: { readonly partial_results?: PartialResults } = {},
): Promise<string[]> {
  const query = db
    .updateTable('tasks')
    .set({ task_status: 'uploaded', status_note: 'tried again by request', ...changes });
  const chosen =
    'taskIds' in which
      ? query.where('task_status', 'in', ['failed', 'cancelled']).where('task_id', 'in', [...which.taskIds])
      : query.where('task_status', '=', 'failed').where('error_code', 'in', withFormerCodes(which.errorCode));
  const rows = await chosen.returning('task_id').execute();
  return rows.map(({ task_id }) => task_id);
}
