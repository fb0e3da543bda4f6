import { type Kysely, sql } from 'kysely';

/** In one statement: after the death of many instances the rest comes with the next sweep. */
const AT_ONCE = 1_000;

const SILENT = sql`name = 'align' AND state = 'active' AND heartbeat_on + heartbeat_seconds * interval '1 second' < now()`;

/**
 * Gives jobs whose holders have been silent for longer than their leases back to the queue, and wakes a worker. A job that
 * somebody has locked waits for its turn: it must not keep those of other holders from being taken over, as it would in
 * pg-boss's own statement for this.
 * @returns whether there are jobs left that somebody has locked
 */
export async function returnSilentJobs(db: unknown): Promise<boolean> {
  await sql`
    WITH silent AS (
      SELECT id FROM pgboss.job WHERE ${SILENT} LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED
    ), returned AS (
      UPDATE pgboss.job SET state = 'retry', start_after = now() FROM silent
      WHERE job.name = 'align' AND job.id = silent.id RETURNING job.id
    ), woken AS (
      SELECT notify_workers() FROM returned LIMIT 1
    )
    SELECT count(*)::int AS n FROM returned WHERE (SELECT count(*) FROM woken) >= 0`.execute(
    db as Kysely<never>,
  );
  const { rows } = await sql<{ isLeft: boolean }>`
    SELECT EXISTS (SELECT FROM pgboss.job WHERE ${SILENT}) AS "isLeft"`.execute(db as Kysely<never>);
  return rows[0]?.isLeft ?? false;
}
