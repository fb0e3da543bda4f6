import pg from 'pg';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import type { Figure } from './benchmark.ts';
import { type ProxiedSite, untilEnded } from './proxied-site.ts';

const TASK_COUNT = 100;
const HELD_COUNT = 1_000;
const BURST_COUNT = 10_000;
const DRAIN_SEC = 30;

/** A psql session has changed a thousand waiting rows and does not end the transaction. */
export async function measureIdleInTransaction(site: ProxiedSite): Promise<Figure[]> {
  await insertRows(site, 'held', HELD_COUNT);
  const idle = new pg.Client({ connectionString: site.url, application_name: 'psql' });
  await idle.connect();
  try {
    await idle.query('BEGIN');
    await idle.query("UPDATE tasks SET status_note = 'looked at by hand' WHERE user_uuid = 'held'");
    await site.start({ ALIGNMENT_WORKERS: '2' });
    return [
      figure(`idle in transaction with ${HELD_COUNT} waiting rows`, await drain(site)),
      await countCompleted('idle in transaction', site),
    ];
  } finally {
    await idle.query('ROLLBACK');
    await idle.end();
  }
}

/** Another user adds ten thousand rows at once. The tasks of the first user come directly after them. */
export async function measureBurst(site: ProxiedSite): Promise<Figure[]> {
  await site.start({ ALIGNMENT_WORKERS: '2' });
  const fromMs = performance.now();
  await insertRows(site, 'burst', BURST_COUNT);
  const insertSec = (performance.now() - fromMs) / 1000;
  return [
    {
      what: `burst: ${BURST_COUNT} rows are in after`,
      value: insertSec,
      unit: 's',
      goal: { atMost: DRAIN_SEC },
    },
    figure(`burst of ${BURST_COUNT} rows`, await drain(site)),
    await countCompleted('burst', site),
  ];
}

/** Rows without files: such a task fails at once, but it needs a claim. */
async function insertRows(site: ProxiedSite, user: string, count: number): Promise<void> {
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     SELECT $1 || '-' || n, $1, $2, $1 || '/upl/none', 'uploaded' FROM generate_series(1, $3::int) AS n`,
    [user, TRIVIAL_LANGUAGE, count],
  );
}

/** @returns seconds from the first row to the end of the last task */
async function drain(site: ProxiedSite): Promise<number> {
  const fromMs = performance.now();
  for (let n = 0; n < TASK_COUNT; n++) await site.addTask('one two');
  await untilEnded(site, TASK_COUNT, 'ann');
  return (performance.now() - fromMs) / 1000;
}

function figure(beside: string, sec: number): Figure {
  return {
    what: `${beside}: ${TASK_COUNT} tasks of a user are done after`,
    value: sec,
    unit: 's',
    goal: { atMost: DRAIN_SEC },
  };
}

async function countCompleted(what: string, site: ProxiedSite): Promise<Figure> {
  const { rows } = await site.sql.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM tasks WHERE user_uuid = 'ann' AND task_status = 'completed'",
  );
  return {
    what: `${what}: of these completed`,
    value: rows[0]?.n ?? 0,
    unit: 'count',
    goal: { atLeast: TASK_COUNT },
  };
}
