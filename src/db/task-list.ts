import { sql } from 'kysely';
import type { Db } from './connect.ts';
import type { TaskFilter, TaskStatus } from './schema.ts';
import { anyOrder, CURSOR, findSearchEnd, newestFirst, type TaskSearch, toSearch } from './task-filter.ts';
import { ROW_VERSION } from './task-version.ts';

/** A page reads no more rows than this, which takes a tenth of a second at most. */
const SEARCHED_AT_A_TIME = 10_000;
/** The same for a count, if an index does not have everything that it needs. */
const COUNTED_AT_MOST = 50_000;

export interface Page {
  /** From the list before; null: the first page. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** Of a row only what a list shows: its warnings and its error may be megabytes long. */
const LISTED_COLUMNS = [
  ROW_VERSION.as('version'),
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
  'not_before',
  'download_path',
  'download_name',
  sql<string | null>`(
    SELECT bytes FROM task_files WHERE task = tasks.id AND path = tasks.download_path)`.as('result_bytes'),
  'created_at',
  'queued_at',
  'started_at',
  'finished_at',
] as const;

export type ListedTask = Awaited<ReturnType<typeof listTasksByRow>>[number];

export interface TaskPage {
  readonly tasks: readonly ListedTask[];
  /** Where the next page begins; null: this is the last one. */
  readonly next: string | null;
}

/**
 * Tasks in the order in which they were made, the last first. Where a filter fits few tasks, a page may have less than `limit`
 * of them, or none: then the search goes on at `next`.
 * @param searchedRows - how many rows are looked at
 */
export async function listTaskPage(
  db: Db,
  filter: TaskFilter,
  { cursor, limit }: Page,
  searchedRows = SEARCHED_AT_A_TIME,
): Promise<TaskPage> {
  const search = await toSearch(db, filter);
  const end = search.others === null ? null : await findSearchEnd(db, search, cursor, searchedRows);
  // One more than wanted: whether there is a next page.
  const found = await queryTasks(db, search, { cursor, limit: limit + 1 }, end, searchedRows);
  const tasks = found.slice(0, limit);
  return { tasks, next: found.length > limit ? (tasks.at(-1)?.cursor ?? null) : end };
}

/** One task as lists show it. */
export function findListedTask(db: Db, taskId: string): Promise<ListedTask | undefined> {
  return db.selectFrom('tasks').select(LISTED_COLUMNS).where('task_id', '=', taskId).executeTakeFirst();
}

/** Tasks by `tasks.id`, those that are there. */
export function listTasksByRow(db: Db, rowIds: readonly string[]) {
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
    .select([
      'faults',
      'warnings',
      'error_message',
      'partial_results',
      'speakers',
      'search',
      'channels',
      'notify_url',
    ])
    .where('id', '=', rowId)
    .executeTakeFirst();
}

export interface TaskCount {
  readonly status: TaskStatus;
  readonly count: number;
}

export interface TaskCounts {
  /** Those with none are left out. */
  readonly counts: readonly TaskCount[];
  /** False: there may be more, as only the newest tasks were looked at. */
  readonly isComplete: boolean;
}

/** How many tasks there are of each status. @param searchedRows - how many rows are looked at, unless an index has it all */
export async function countTasks(
  db: Db,
  filter: TaskFilter,
  searchedRows = COUNTED_AT_MOST,
): Promise<TaskCounts> {
  const search = await toSearch(db, filter);
  const { statuses: _, ...others } = filter;
  const isQuick = Object.values(others).every((value) => value === null);
  const end = isQuick ? null : await findSearchEnd(db, search, null, searchedRows);
  const counts = await db
    .selectFrom(
      isQuick || search.others === null
        ? anyOrder(search, end)
        : newestFirst(search, null, end, searchedRows),
    )
    .select(['task_status as status', sql<number>`count(*)::integer`.as('count')])
    .groupBy('task_status')
    .orderBy('task_status')
    .execute();
  return { counts, isComplete: end === null };
}

function queryTasks(
  db: Db,
  search: TaskSearch,
  { cursor, limit }: Page,
  end: string | null,
  searchedRows: number,
) {
  return db
    .selectFrom(newestFirst(search, cursor, end, search.others === null ? limit : searchedRows))
    .select([...LISTED_COLUMNS, CURSOR.as('cursor')])
    .limit(limit)
    .execute();
}
