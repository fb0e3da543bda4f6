import { sql } from 'kysely';
import type { Db } from './connect.ts';
import type { TaskFilter, TaskStatus } from './schema.ts';
import { anyOrder, CURSOR, findSearchEnd, newestFirst, type TaskSearch, toSearch } from './task-filter.ts';
import { ROW_VERSION } from './task-version.ts';

/** How many rows a page reads at most. It takes up to a tenth of a second. */
const SEARCHED_AT_A_TIME = 10_000;
/** How many rows a count reads at most, if no index answers it alone. */
const COUNTED_AT_MOST = 50_000;

export interface Page {
  /** `TaskPage.next` of the page before; null: the first page. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** What a list shows of a task. Whole warnings and errors are left out: they may be megabytes long. */
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
  /** The cursor of the next page; null: this is the last page. */
  readonly next: string | null;
}

/**
 * Lists tasks, the newest first. If few tasks match the filter, a page may have fewer than `limit`, or none: the search goes
 * on at `next`.
 * @param searchedRows - how many rows are read at most
 */
export async function listTaskPage(
  db: Db,
  filter: TaskFilter,
  { cursor, limit }: Page,
  searchedRows = SEARCHED_AT_A_TIME,
): Promise<TaskPage> {
  const search = await toSearch(db, filter);
  const end = search.others === null ? null : await findSearchEnd(db, search, cursor, searchedRows);
  // One more than wanted tells whether there is a next page.
  const found = await queryTasks(db, search, { cursor, limit: limit + 1 }, end, searchedRows);
  const tasks = found.slice(0, limit);
  return { tasks, next: found.length > limit ? (tasks.at(-1)?.cursor ?? null) : end };
}

/** One task as lists show it. */
export function findListedTask(db: Db, taskId: string): Promise<ListedTask | undefined> {
  return db.selectFrom('tasks').select(LISTED_COLUMNS).where('task_id', '=', taskId).executeTakeFirst();
}

/** The tasks with these values of `tasks.id`. Deleted tasks are left out. */
export function listTasksByRow(db: Db, rowIds: readonly string[]) {
  return db
    .selectFrom('tasks')
    .select(LISTED_COLUMNS)
    .where('id', 'in', [...rowIds])
    .orderBy('id')
    .execute();
}

/** What a list leaves out: columns that may be long, or that only the page of one task shows. */
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

export interface StatusCounts {
  /** Statuses without tasks are left out. */
  readonly counts: readonly TaskCount[];
  /** False: only the newest tasks were counted. */
  readonly isComplete: boolean;
}

/** Counts tasks by status. @param searchedRows - how many rows are read at most, unless an index answers the count alone */
export async function countTasks(
  db: Db,
  filter: TaskFilter,
  searchedRows = COUNTED_AT_MOST,
): Promise<StatusCounts> {
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
