import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { withFormerCodes } from '../base/errors.ts';
import type { Db } from './connect.ts';
import type { TaskStatus } from './schema.ts';

/** Which tasks are wanted. Null: all. */
export interface TaskFilter {
  readonly user: string | null;
  readonly statuses: readonly TaskStatus[] | null;
  readonly errorCode: string | null;
  /** The beginning of a code is enough: `engUS` finds the language with any engine. */
  readonly lang: string | null;
  readonly engine: string | null;
  /** The beginning of the id, or any part of the name, in capitals or not. */
  readonly search: string | null;
  /** Of `created_at`. */
  readonly since: Date | null;
  /** The end of the range, exclusive. */
  readonly before: Date | null;
}

export interface Page {
  /** From the list before; null: the first page. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** Of a row only what a list shows: its warnings and its error may be megabytes long. */
const LISTED_COLUMNS = [
  'id',
  'task_id',
  'user_uuid',
  'lang',
  'engine',
  'task_status',
  'priority',
  'stage',
  'progress',
  'error_code',
  sql<string | null>`left(error_message, 200)`.as('error_message'),
  sql<number>`jsonb_array_length(warnings)`.as('warning_count'),
  sql<number>`jsonb_array_length(faults)`.as('fault_count'),
  sql<string | null>`left(status_note, 200)`.as('status_note'),
  'name',
  'cancel_requested',
  'attempts',
  'no_of_files',
  'words',
  'missing_words',
  'audio_seconds',
  'size_bytes',
  'formats',
  'download_path',
  'download_name',
  sql<string | null>`(
    SELECT bytes FROM task_files WHERE task = tasks.id AND path = tasks.download_path)`.as('result_bytes'),
  'created_at',
  'queued_at',
  'started_at',
  'finished_at',
] as const;

export type ListedTask = Awaited<ReturnType<typeof queryTasks>>[number];

export interface TaskPage {
  readonly tasks: readonly ListedTask[];
  /** Where the next page begins; null: this is the last one. */
  readonly next: string | null;
}

/** Tasks in the order in which their rows were added, the last first. */
export async function listTaskPage(db: Db, filter: TaskFilter, { cursor, limit }: Page): Promise<TaskPage> {
  // One more than wanted: whether there is a next page.
  const found = await queryTasks(db, filter, { cursor, limit: limit + 1 });
  const tasks = found.slice(0, limit);
  return { tasks, next: found.length > limit ? (tasks.at(-1)?.id ?? null) : null };
}

/** One task as lists show it. */
export function findListedTask(db: Db, taskId: string): Promise<ListedTask | undefined> {
  return db.selectFrom('tasks').select(LISTED_COLUMNS).where('task_id', '=', taskId).executeTakeFirst();
}

/** Tasks by `tasks.id`, those that are there. */
export function listTasksByRow(db: Db, rowIds: readonly string[]): Promise<ListedTask[]> {
  return db
    .selectFrom('tasks')
    .select(LISTED_COLUMNS)
    .where('id', 'in', [...rowIds])
    .orderBy('id')
    .execute();
}

/** What a list leaves out of a task, since it may be long. */
export function readTaskDetails(db: Db, rowId: string) {
  return db
    .selectFrom('tasks')
    .select(['faults', 'warnings', 'error_message', 'partial_results', 'speakers', 'search', 'channels'])
    .where('id', '=', rowId)
    .executeTakeFirst();
}

export interface TaskCount {
  readonly status: TaskStatus;
  readonly count: number;
}

/** How many tasks there are of each status, those with none left out. */
export async function countTasks(db: Db, filter: TaskFilter): Promise<TaskCount[]> {
  return db
    .selectFrom('tasks')
    .select(['task_status as status', sql<number>`count(*)::integer`.as('count')])
    .where(matching(filter))
    .groupBy('task_status')
    .orderBy('task_status')
    .execute();
}

/** The condition that a row of `tasks` is one of those that are wanted. */
export function matching(filter: TaskFilter): RawBuilder<SqlBool> {
  const { user, statuses, errorCode, lang, engine, search, since, before } = filter;
  const conditions = [
    user === null ? null : sql`user_uuid = ${user}`,
    statuses === null ? null : sql`task_status = ANY (${statuses})`,
    errorCode === null ? null : sql`error_code = ANY (${withFormerCodes(errorCode)})`,
    lang === null ? null : sql`starts_with(lang, ${lang})`,
    engine === null ? null : sql`engine = ${engine}`,
    search === null
      ? null
      : sql`(starts_with(task_id, ${search}) OR strpos(lower(name), lower(${search})) > 0)`,
    since === null ? null : sql`created_at >= ${since}`,
    before === null ? null : sql`created_at < ${before}`,
  ].filter((condition) => condition !== null);
  return conditions.length === 0 ? sql`true` : sql`(${sql.join(conditions, sql` AND `)})`;
}

/** The cursor is the number of the last row, so that a page does not change when rows are added or deleted. */
function queryTasks(db: Db, filter: TaskFilter, { cursor, limit }: Page) {
  return db
    .selectFrom('tasks')
    .select(LISTED_COLUMNS)
    .$if(cursor !== null, (query) => query.where('id', '<', cursor))
    .where(matching(filter))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
