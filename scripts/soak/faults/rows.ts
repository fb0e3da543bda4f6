import pg from 'pg';
import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

const SAME_FOLDER_STRENGTH = 0.6;
/** The files of a deleted task are removed after a minute. Sometimes its namesake is made at exactly that time. */
const LATE_STRENGTH = 0.9;

/**
 * A task is deleted while it waits, while it runs or when it is completed. Mostly another one with its name is made.
 */
export async function makeNamesake(target: Target, { strength, coin }: Choice): Promise<number> {
  const { server, submissions, load, say, signal } = target;
  const wanted = coin ? ['processing', 'uploaded'] : ['completed', 'failed'];
  const [row] = await server.ask<{ created_at: Date; status: string }>(
    `SELECT created_at, task_status AS status FROM tasks WHERE task_status = ANY ($1)
     ORDER BY array_position($1, task_status), updated_at DESC LIMIT 1`,
    [wanted],
  );
  const submission = row && submissions.byCreation(row.created_at);
  if (submission === undefined) return 0;
  if (strength < 0.2) {
    say(`${submission.taskId} (${row?.status}) deleted`);
    return (await load.delete(submission)) ? 1 : 0;
  }
  const isInSameFolder = strength > SAME_FOLDER_STRENGTH;
  const pauseMs =
    strength > LATE_STRENGTH ? 58_000 + 50_000 * (strength - LATE_STRENGTH) : 4_000 * (strength - 0.2);
  say(
    `${submission.taskId} (${row?.status}) deleted and made again after ${(pauseMs / 1000).toFixed(1)} s, ` +
      `in ${isInSameFolder ? 'the same' : 'another'} folder`,
  );
  return (await load.remake(submission, isInSameFolder, pauseMs, signal)) ? 1 : 0;
}

/** A psql session has changed rows and does not commit for some time. */
export async function holdRows(target: Target, { strength, coin }: Choice): Promise<number> {
  const { server, say, signal } = target;
  const client = new pg.Client({ connectionString: server.url, application_name: 'psql' });
  client.on('error', () => undefined);
  const sec = 1 + 5 * strength;
  try {
    await client.connect();
    await client.query('BEGIN');
    const held = await client.query(
      `UPDATE tasks SET status_note = 'looked at by hand' WHERE id IN (
         SELECT id FROM tasks WHERE task_status = $1 ORDER BY random() LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      coin ? ['uploaded', 200] : ['processing', 2],
    );
    say(`${held.rowCount} ${coin ? 'waiting' : 'running'} rows held for ${sec.toFixed(1)} s`);
    target.disturbed(null);
    await pause(sec * 1000, signal);
    await client.query(strength > 0.5 ? 'COMMIT' : 'ROLLBACK');
    return held.rowCount === 0 ? 0 : 1;
  } catch {
    // Another fault has broken its connection, which also unlocks the rows.
    return 1;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The queue's settings let jobs that wait or are added now last for one second only. */
export async function expireSoon(target: Target, { strength, coin }: Choice): Promise<number> {
  const { server, say, signal } = target;
  const sec = coin ? 1 : 2;
  const [before] = await server.ask<{ expire_seconds: number }>(
    "SELECT expire_seconds FROM pgboss.queue WHERE name = 'align'",
  );
  await server.ask("UPDATE pgboss.queue SET expire_seconds = $1 WHERE name = 'align'", [sec]);
  await server.ask(
    `UPDATE pgboss.job SET expire_seconds = $1 WHERE name = 'align' AND id IN (
       SELECT id FROM pgboss.job WHERE name = 'align' AND state IN ('created', 'retry') FOR UPDATE SKIP LOCKED)`,
    [sec],
  );
  say(`jobs expire after ${sec} s`);
  await pause((3 + 6 * strength) * 1000, signal);
  await server.ask("UPDATE pgboss.queue SET expire_seconds = $1 WHERE name = 'align'", [
    before?.expire_seconds ?? 86_400,
  ]);
  return 1;
}
