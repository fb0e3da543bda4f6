import { type RawBuilder, sql } from 'kysely';
import { must } from '../base/must.ts';
import type { Db } from './connect.ts';
import type { DeliveryKind, DeliveryState } from './delivery-tables.ts';

/** What a delivery tells about the end of a task. */
export interface TaskEnd {
  readonly taskId: string;
  readonly user: string;
  /** The name that its user has given to the task. */
  readonly name: string | null;
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** Null, unless the task failed. */
  readonly errorCode: string | null;
  readonly endedAt: Date;
}

/** One attempt at a delivery. */
export interface ClaimedDelivery {
  readonly id: string;
  /** The number of this attempt, from 1. It prevents a late attempt from overwriting the outcome of a later one. */
  readonly attempt: number;
  readonly messageId: string;
  readonly kind: DeliveryKind;
  /** The URL of a webhook; empty for a command. */
  readonly url: string;
  readonly body: string;
  readonly taskId: string;
}

/** A delivery as the page and the API show it. */
export type Delivery = Awaited<ReturnType<typeof listDeliveries>>[number];

/** Lists the deliveries of a task, the oldest first. */
export function listDeliveries(db: Db, taskRowId: string) {
  return db
    .selectFrom('deliveries')
    .select(['message_id', 'kind', 'url', 'status', 'state', 'attempts', 'next_at', 'finished_at', 'answer'])
    .where('task', '=', taskRowId)
    .orderBy('id')
    .execute();
}

/** The URL that is told of the end of all tasks of a user; null: there is none. */
export async function findWebhook(db: Db, user: string): Promise<string | null> {
  const row = await db.selectFrom('webhooks').select('url').where('user_uuid', '=', user).executeTakeFirst();
  return row?.url ?? null;
}

/** Sets the URL of a user. @param url - null: deletes it */
export async function setWebhook(db: Db, user: string, url: string | null): Promise<void> {
  if (url === null) {
    await db.deleteFrom('webhooks').where('user_uuid', '=', user).execute();
    return;
  }
  await db
    .insertInto('webhooks')
    .values({ user_uuid: user, url })
    .onConflict((conflict) => conflict.column('user_uuid').doUpdateSet({ url }))
    .execute();
}

/**
 * Gives up deliveries that no worker has taken for `afterDays`, and those whose worker ended in the last attempt.
 * @returns the deliveries that were given up
 */
export async function giveUpDeliveries(
  db: Db,
  { afterDays, maxAttempts }: { readonly afterDays: number; readonly maxAttempts: number },
): Promise<{ readonly task_id: string; readonly kind: DeliveryKind; readonly answer: string }[]> {
  const { rows } = await sql<{ task_id: string; kind: DeliveryKind; answer: string }>`
    UPDATE deliveries SET state = 'given up', finished_at = now(),
      answer = coalesce(deliveries.answer, CASE WHEN deliveries.attempts = 0
        THEN format('no worker could send it within %s days: the settings for it are missing', ${afterDays}::integer)
        ELSE 'the worker ended before it had an answer' END)
    FROM tasks
    WHERE tasks.id = deliveries.task AND deliveries.state = 'waiting' AND deliveries.next_at < now()
      AND (deliveries.attempts >= ${maxAttempts} OR deliveries.next_at < now() - ${afterDays} * interval '1 day')
    RETURNING tasks.task_id, deliveries.kind, deliveries.answer`.execute(db);
  return rows;
}

/** Deletes up to `atOnce` deliveries that ended so long ago. @returns whether there may be more */
export async function forgetDeliveries(db: Db, olderThanDays: number, atOnce: number): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    DELETE FROM deliveries WHERE id = ANY (ARRAY(
      SELECT id FROM deliveries WHERE finished_at < now() - ${olderThanDays} * interval '1 day'
      ORDER BY finished_at LIMIT ${atOnce}))`.execute(db);
  return numAffectedRows === BigInt(atOnce);
}

/** How many deliveries are late (see the view `late_deliveries`), with the receiver of the oldest and its last answer. */
export async function countLateDeliveries(
  db: Db,
): Promise<{ readonly count: number; readonly receiver: string | null; readonly answer: string | null }> {
  const { rows } = await sql<{ count: number; receiver: string | null; answer: string | null }>`
    SELECT count(*)::int AS count, (array_agg(coalesce(url, kind) ORDER BY ended_at))[1] AS receiver,
           (array_agg(answer ORDER BY ended_at))[1] AS answer
    FROM late_deliveries`.execute(db);
  return must(rows[0], 'the number of late deliveries');
}

export interface ClaimOptions {
  readonly kinds: readonly DeliveryKind[];
  /** URLs to which a request is being sent now: no delivery to their hosts is taken. */
  readonly withoutUrls: readonly string[];
  /** How long the attempt may take; afterwards another attempt may begin. */
  readonly leaseSec: number;
  readonly maxAttempts: number;
  /** Makes the body for the first attempt. Later attempts send the same body. */
  readonly makeBody: (end: TaskEnd) => string;
}

/** Takes the delivery that has been due for the longest time. @returns null: none is due */
export async function claimDelivery(db: Db, options: ClaimOptions): Promise<ClaimedDelivery | null> {
  const { kinds, withoutUrls, leaseSec, maxAttempts, makeBody } = options;
  return await db.transaction().execute(async (tx) => {
    const due = await tx
      .selectFrom('deliveries')
      .innerJoin('tasks', 'tasks.id', 'deliveries.task')
      .select(['deliveries.id', 'deliveries.attempts', 'deliveries.message_id', 'deliveries.kind'])
      .select(['deliveries.url', 'deliveries.body', 'deliveries.status', 'deliveries.error_code'])
      .select(['deliveries.ended_at', 'tasks.task_id', 'tasks.user_uuid', 'tasks.name'])
      .where('deliveries.state', '=', 'waiting')
      .where('deliveries.next_at', '<=', sql<Date>`now()`)
      .where('deliveries.attempts', '<', maxAttempts)
      .where('deliveries.kind', 'in', [...kinds])
      .where(sql<boolean>`${hostOf(sql`coalesce(deliveries.url, '')`)} <> ALL (ARRAY(
        SELECT ${hostOf(sql`url`)} FROM unnest(${[...withoutUrls]}::text[]) AS url))`)
      .orderBy('deliveries.next_at')
      .limit(1)
      .forUpdate('deliveries')
      .skipLocked()
      .executeTakeFirst();
    if (due === undefined) return null;
    const { task_id: taskId, user_uuid: user, name, status, error_code: errorCode, ended_at: endedAt } = due;
    const body = due.body ?? makeBody({ taskId, user, name, status, errorCode, endedAt });
    const attempt = due.attempts + 1;
    await tx
      .updateTable('deliveries')
      .set({ attempts: attempt, body, next_at: sql<Date>`now() + ${leaseSec} * interval '1 second'` })
      .where('id', '=', due.id)
      .execute();
    return {
      id: due.id,
      attempt,
      messageId: due.message_id,
      kind: due.kind,
      url: due.url ?? '',
      body,
      taskId,
    };
  });
}

/** The beginning of a URL: protocol, host and port, in lower case. Empty if the URL is empty. */
function hostOf(url: RawBuilder<unknown>): RawBuilder<string> {
  return sql`lower(substring(${url} FROM '^[^/]*(?://[^/?#\\\\]*)?'))`;
}

/**
 * Writes the outcome of an attempt.
 * @param answer - at most 1000 characters
 * @param retrySec - time until the next attempt, if `state` is `waiting`
 * @returns false: another attempt has begun, or the task was deleted
 */
export async function noteAttempt(
  db: Db,
  { id, attempt }: ClaimedDelivery,
  state: DeliveryState,
  answer: string,
  retrySec = 0,
): Promise<boolean> {
  const ending =
    state === 'waiting'
      ? { next_at: sql<Date>`now() + ${retrySec} * interval '1 second'` }
      : { finished_at: sql<Date>`now()` };
  const { numUpdatedRows } = await db
    .updateTable('deliveries')
    .set({ state, answer, ...ending })
    .where('id', '=', id)
    .where('attempts', '=', attempt)
    .where('state', '=', 'waiting')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
