import pg from 'pg';
import { pause } from '../waiting.ts';
import type { Choice, Target } from './fault.ts';

/** Number of notifications in one statement, and the pause until the next one: thousands a second. */
const BATCH = 400;
const BATCH_PAUSE_MS = 80;

/** A login without any rights sends notifications that tasks are withdrawn, and that there is work. */
export async function sendNoise(target: Target, { strength, coin }: Choice): Promise<number> {
  const { server, say, signal } = target;
  const sec = 2 + 3 * strength;
  const endMs = performance.now() + sec * 1000;
  const client = new pg.Client({ connectionString: server.strangerUrl, application_name: 'stranger' });
  client.on('error', () => undefined);
  let count = 0;
  try {
    await client.connect();
    say(`notifications of a stranger for ${sec.toFixed(1)} s`);
    while (performance.now() < endMs && !signal.aborted) {
      const rows = await server.ask<{ payload: string }>(RUNNING);
      const payloads = [...rows.map(({ payload }) => payload), ...FORGED];
      await client.query(
        `SELECT pg_notify('autophon_withdrawn', payload) FROM unnest($1::text[]) AS payload;`,
        [payloads],
      );
      await client.query(
        `SELECT pg_notify(CASE WHEN $3 THEN work_channel() ELSE 'autophon_withdrawn' END, ($1 + n)::text)
         FROM generate_series(1, $2::int) AS n`,
        [count, BATCH, coin],
      );
      count += BATCH + payloads.length;
      await pause(BATCH_PAUSE_MS, signal);
    }
  } catch {
    // Another fault has broken its connection. The notifications that were sent are enough.
  } finally {
    await client.end().catch(() => undefined);
  }
  say(`${count} notifications of a stranger`);
  return count === 0 ? 0 : 1;
}

/** Correct notifications, except that these tasks were not withdrawn. */
const RUNNING = `SELECT payload FROM (SELECT * FROM tasks WHERE task_status = 'processing') AS task,
  LATERAL (VALUES (id::text), (id || ':' || fence), (task_id),
    (jsonb_build_object('id', id, 'fence', fence)::text)) AS forms (payload)`;

const FORGED: readonly string[] = ['', '-1', 'NaN', '1e9', '99999999999999999999', '{}', 'x'.repeat(7_900)];
