import { type RawBuilder, type Selectable, type SqlBool, sql } from 'kysely';
import { withFormerCodes } from '../base/errors.ts';
import type { Db } from './connect.ts';
import type { TaskFilter, TaskStatus, TasksTable } from './schema.ts';

/** The conditions that a row of `tasks` must meet, in two parts. */
export interface TaskSearch {
  /**
   * Conditions that one index answers. The rows that meet them are read from the newest on, so that a limit on them limits the
   * cost, whatever the planner chooses.
   */
  readonly indexed: Condition;
  /** All other conditions; null: there are none. */
  readonly others: Condition | null;
}

type Condition = RawBuilder<SqlBool>;

/**
 * The statuses that are searched by an index. `completed` and `uploaded` are not: nearly all tasks are completed, and those that
 * wait are new, so reading all tasks from the newest on finds them soon.
 */
const INDEXED_STATUSES: ReadonlySet<TaskStatus> = new Set([
  'uploading',
  'processing',
  'failed',
  'cancelled',
  'expired',
]);

export async function toSearch(db: Db, filter: TaskFilter): Promise<TaskSearch> {
  const { user, statuses, errorCode, lang, engine, search, since, before } = filter;
  const codes = errorCode === null ? [] : withFormerCodes(errorCode);
  const isWholeId = search !== null && (await isTaskId(db, search, user));
  const byId = isWholeId ? sql<SqlBool>`task_id = ${search}` : null;
  const ofUser = user === null ? null : sql<SqlBool>`user_uuid = ${user}`;
  const withCode = errorCode === null ? null : oneOf(sql`error_code`, codes);
  const withStatus = statuses === null ? null : oneOf(sql`task_status`, statuses);
  const [only] = statuses ?? [];
  const isIndexedStatus = statuses?.length === 1 && only !== undefined && INDEXED_STATUSES.has(only);
  // Usually the condition that the fewest tasks meet. It has one value: for several, an index does not give the newest first.
  const first =
    byId ?? ofUser ?? (codes.length === 1 ? withCode : null) ?? (isIndexedStatus ? withStatus : null);
  const all = [
    byId,
    ofUser,
    withCode,
    withStatus,
    lang === null ? null : sql<SqlBool>`starts_with(lang, ${lang})`,
    engine === null ? null : sql<SqlBool>`engine = ${engine}`,
    search === null || isWholeId
      ? null
      : sql<SqlBool>`(starts_with(task_id, ${search}) OR strpos(lower(name), lower(${search})) > 0)`,
  ];
  const indexed = [
    first,
    since === null ? null : sql<SqlBool>`created_at >= ${since}`,
    before === null ? null : sql<SqlBool>`created_at < ${before}`,
  ].filter((one) => one !== null);
  const others = all.filter((one) => one !== null).filter((one) => one !== first);
  return { indexed: both(indexed), others: others.length === 0 ? null : both(others) };
}

/** The condition that a row matches the search. */
export function matching({ indexed, others }: TaskSearch): Condition {
  return others === null ? indexed : both([indexed, others]);
}

/**
 * A table of the matching rows for a query, the newest first. The planner must read the entries of the index first and then
 * the row of each: any other plan might read all tasks to find a few. Such a plan keeps the order without ORDER BY.
 * @param end - where the search ends, see `findSearchEnd`
 * @param rowCount - how many entries of the index are read at most
 */
export function newestFirst(
  { indexed, others }: TaskSearch,
  cursor: string | null,
  end: string | null,
  rowCount: number,
) {
  return sql<Selectable<TasksTable>>`(
    SELECT tasks.* FROM (
      SELECT id FROM tasks WHERE ${indexed} AND ${inRange(cursor, end)}
      ORDER BY created_at DESC, id DESC LIMIT ${rowCount}
    ) AS newest CROSS JOIN LATERAL (
      SELECT xmin, * FROM tasks WHERE id = newest.id AND ${others ?? sql`true`} OFFSET 0
    ) AS tasks)`.as('tasks');
}

/** A table of the matching rows for a query, in any order. @param end - where the search ends, see `findSearchEnd` */
export function anyOrder(search: TaskSearch, end: string | null) {
  return sql<
    Selectable<TasksTable>
  >`(SELECT * FROM tasks WHERE ${matching(search)} AND ${inRange(null, end)})`.as('tasks');
}

/**
 * Finds where a search ends that reads `rowCount` rows.
 * @param cursor - where it begins; null: at the newest row
 * @returns the cursor of the last row that it reads; null: it reads all rows
 */
export async function findSearchEnd(
  db: Db,
  { indexed }: TaskSearch,
  cursor: string | null,
  rowCount: number,
): Promise<string | null> {
  const { rows } = await sql<{ cursor: string }>`
    SELECT ${CURSOR} AS cursor FROM tasks WHERE ${indexed} AND ${olderThan(cursor)}
    ORDER BY created_at DESC, id DESC OFFSET ${rowCount - 1} LIMIT 2`.execute(db);
  const [last, next] = rows;
  return last === undefined || next === undefined ? null : last.cursor;
}

/** The condition that a row lies after `cursor` and not after `end`. Null: from the newest row on, up to the oldest row. */
export function inRange(cursor: string | null, end: string | null): Condition {
  return both([olderThan(cursor), upTo(end)]);
}

/** The place of a row in the order of `created_at` and `id`: microseconds since 1970, `_` and `tasks.id`. */
export const CURSOR = sql<string>`
  (extract(epoch FROM greatest('0001-01-01', least(created_at, '9999-12-31'))) * 1000000)::bigint || '_' || id`;

/** Whether a text has the form of `CURSOR`. */
export function isCursor(text: string): boolean {
  return /^-?\d{1,18}_[1-9]\d{0,17}$/.test(text);
}

/** The condition that a row lies after this place, in the order from new to old. */
function olderThan(cursor: string | null): Condition {
  return cursor === null ? sql`true` : sql`(created_at, id) < ${placeOf(cursor)}`;
}

/** The condition that a row lies before this place or at it. */
function upTo(cursor: string | null): Condition {
  return cursor === null ? sql`true` : sql`(created_at, id) >= ${placeOf(cursor)}`;
}

function placeOf(cursor: string): RawBuilder<unknown> {
  const [micros, id] = cursor.split('_');
  return sql`(timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', ${id}::bigint)`;
}

/** With one value, the condition uses `=`: only then does the planner read the newest rows of this value from an index. */
function oneOf(column: RawBuilder<unknown>, values: readonly string[]): Condition {
  return values.length === 1 ? sql`${column} = ${values[0]}` : sql`${column} = ANY (${[...values]})`;
}

/** Whether a text is the id of a task of this user. The tasks of others are ignored: the result must not tell that they exist. */
async function isTaskId(db: Db, text: string, user: string | null): Promise<boolean> {
  const found = await db
    .selectFrom('tasks')
    .select('id')
    .where('task_id', '=', text)
    .$if(user !== null, (query) => query.where('user_uuid', '=', user ?? ''))
    .execute();
  return found.length > 0;
}

function both(conditions: readonly Condition[]): Condition {
  return conditions.length === 0 ? sql`true` : sql`(${sql.join([...conditions], sql` AND `)})`;
}
