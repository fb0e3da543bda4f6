import { type RawBuilder, sql } from 'kysely';
import { must } from '../base/must.ts';
import { storableJson } from '../base/storable-text.ts';
import type { Db, Tx } from './connect.ts';
import type { ActionKind, TaskFilter, TaskStatus } from './schema.ts';
import { findSearchEnd, inRange, matching, toSearch } from './task-filter.ts';

/** How long one statement of an action may take. */
export const ACTION_LIMIT_MS = 600_000;
/** How many rows one part of an action locks at most: for half a second, on a busy machine. */
const ROWS_AT_A_TIME = 2_000;

export interface NewAction {
  readonly user: string;
  readonly action: ActionKind;
  /** Null, except for the action `priority`. */
  readonly priority: number | null;
  readonly filter: TaskFilter;
  readonly expectedCount: number;
}

const COLUMNS = [
  'id',
  'user_uuid',
  'action',
  'priority',
  'filter',
  'expected_count',
  'created_at',
  'ended_at',
  'total',
  'changed',
  'error',
] as const;

export type Action = NonNullable<Awaited<ReturnType<typeof findAction>>>;

export async function insertAction(db: Db, { user, filter, ...action }: NewAction): Promise<Action> {
  return db
    .insertInto('actions')
    .values({
      user_uuid: user,
      action: action.action,
      priority: action.priority,
      filter: storableJson(filter),
      expected_count: action.expectedCount,
    })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow();
}

export function findAction(db: Db, id: string) {
  return db.selectFrom('actions').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}

/** Lists actions, the newest first. @param user - who asked for them; null: all users */
export function listActions(db: Db, user: string | null, limit: number): Promise<Action[]> {
  return db
    .selectFrom('actions')
    .select(COLUMNS)
    .$if(user !== null, (query) => query.where('user_uuid', '=', user ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/**
 * Lists the actions that have not ended, the oldest first.
 * @param freshMinutes - an action that was asked for in the last `freshMinutes` is fresh
 */
export async function listOpenActions(
  db: Db,
  freshMinutes: number,
): Promise<{ readonly id: string; readonly isFresh: boolean }[]> {
  return db
    .selectFrom('actions')
    .select(['id', sql<boolean>`created_at > now() - ${freshMinutes} * interval '1 minute'`.as('isFresh')])
    .where('ended_at', 'is', null)
    .orderBy('id')
    .execute();
}

/** Ends an action that cannot go on. What it has changed stays changed; the error says how many tasks these are. */
export async function failAction(db: Db, id: string, error: string): Promise<void> {
  await db
    .updateTable('actions')
    .set({
      ended_at: sql<Date>`clock_timestamp()`,
      error: sql<string>`${error}::text || CASE WHEN coalesce(changed, 0) = 0 THEN ': nothing was changed'
        ELSE format(': %s of %s tasks were changed before', changed, total) END`,
    })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

/** Deletes actions that ended long ago. */
export async function forgetOldActions(db: Db, olderThanDays: number): Promise<void> {
  await db
    .deleteFrom('actions')
    .where('ended_at', '<', sql<Date>`now() - ${olderThanDays} * interval '1 day'`)
    .execute();
}

/**
 * Does the next part of an action in one transaction, so that other sessions wait for its rows only. Tasks that were made after
 * the action was asked for are not changed. Processes that do the same action wait for each other.
 * @param rowCount - how many rows are searched
 * @returns whether there is more to do
 */
export async function doPartOfAction(db: Db, id: string, rowCount = ROWS_AT_A_TIME): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const action = await tx
      .selectFrom('actions')
      .select(['id', 'action', 'priority', 'filter', 'total', 'changed', 'reached'])
      .where('id', '=', id)
      .where('ended_at', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (action === undefined) return false;
    await sql`SELECT set_config('statement_timeout', ${String(ACTION_LIMIT_MS)}, true)`.execute(tx);
    const search = await toSearch(tx, toFilter(action.filter));
    const end = await findSearchEnd(tx, search, action.reached, rowCount);
    const { total, changed } = await changeMatching(
      tx,
      action,
      sql`${matching(search)} AND ${inRange(action.reached, end)}`,
    );
    await tx
      .updateTable('actions')
      .set({
        ended_at: end === null ? sql<Date>`clock_timestamp()` : sql<Date>`ended_at`,
        total: (action.total ?? 0) + total,
        changed: (action.changed ?? 0) + changed,
        reached: end,
      })
      .where('id', '=', id)
      .execute();
    return end !== null;
  });
}

type OpenAction = Pick<Action, 'id' | 'action' | 'priority' | 'filter'>;

/** Counts and changes in one statement: it does not see its own changes, so both counts are of the same moment. */
async function changeMatching(
  tx: Tx,
  action: OpenAction,
  condition: RawBuilder<unknown>,
): Promise<{ total: number; changed: number }> {
  const which = sql`${condition} AND created_at <= (SELECT created_at FROM actions WHERE id = ${action.id})`;
  const { rows } = await sql<{ total: number; changed: number }>`
    WITH changed AS (${changeOf(action)} WHERE ${which} AND task_status = ANY (${changeable(action)}) RETURNING 1)
    SELECT (SELECT count(*)::integer FROM tasks WHERE ${which}) AS total,
           (SELECT count(*)::integer FROM changed) AS changed`.execute(tx);
  return must(rows[0], 'the counts of an action');
}

function changeOf({ action, priority }: OpenAction): RawBuilder<unknown> {
  switch (action) {
    case 'cancel':
      return sql`UPDATE tasks SET cancel_requested = true, status_note = 'cancelled by request'`;
    case 'retry':
      return sql`UPDATE tasks SET task_status = 'uploaded', status_note = 'tried again by request'`;
    case 'delete':
      return sql`DELETE FROM tasks`;
    case 'priority':
      return sql`UPDATE tasks SET priority = ${priority}`;
  }
}

/** The statuses in which a task can be changed by an action. */
function changeable({ action, filter }: OpenAction): readonly TaskStatus[] {
  switch (action) {
    case 'cancel':
      return ['uploaded', 'processing'];
    case 'retry':
      // A user who cancelled a task does not want it back with those that failed.
      return filter.statuses?.includes('cancelled') ? ['failed', 'cancelled'] : ['failed'];
    case 'delete':
      return ['uploading', 'uploaded', 'processing', 'completed', 'failed', 'cancelled', 'expired'];
    case 'priority':
      return ['uploading', 'uploaded'];
  }
}

/** JSON has times as text. */
function toFilter({ since, before, ...filter }: Action['filter']): TaskFilter {
  return {
    ...filter,
    since: since === null ? null : new Date(since),
    before: before === null ? null : new Date(before),
  };
}
