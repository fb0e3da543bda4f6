import pg from 'pg';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { pause } from '../soak/waiting.ts';
import type { BenchContext, Findings } from './benchmark.ts';
import { percentile } from './numbers.ts';
import type { ProcessEvent } from './processes.ts';
import { type BenchSite, createSite } from './site.ts';

const DEFAULT_MINUTES = 3;
/** Share of the time, at its begin and at its end, that is compared. */
const COMPARED_SHARE = 0.2;
/** The first claims load and compile code. */
const WARM_UP_CLAIMS = 200;
const BACKLOG = 500;
const BATCH = 1_000;
const LOOK_MS = 200;

/**
 * One transaction stays idle, so that no dead row can be removed, while tasks are added and end without a pause. A
 * claim is measured from the end of a task to the start of the next one, with one slot.
 */
export async function measureClaims(context: BenchContext): Promise<Findings> {
  await using site = await createSite(context);
  const minutes = context.minutes ?? DEFAULT_MINUTES;
  await queueRows(site);
  const idle = new pg.Client({ connectionString: site.database.url, application_name: 'psql' });
  await idle.connect();
  try {
    await idle.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await idle.query('SELECT pg_current_xact_id()');
    await using worker = await site.start('instance-main.ts', { slots: 1 });
    const endMs = performance.now() + minutes * 60_000;
    while (performance.now() < endMs && !context.signal.aborted) {
      if ((await countWaiting(site)) < BACKLOG) await queueRows(site);
      await pause(LOOK_MS, context.signal);
    }
    const gaps = findGaps(worker.events).slice(WARM_UP_CLAIMS);
    const part = Math.floor(gaps.length * COMPARED_SHARE);
    const [first, last] = [gaps.slice(0, part), gaps.slice(-part)];
    return {
      figures: [
        {
          what: `claim while a transaction is idle for ${minutes} min, p95 of the last fifth`,
          value: percentile(last, 95),
          unit: 'ms',
          beside: { name: 'p95 of the first fifth', value: percentile(first, 95) },
          goal: { ratioAtMost: 1.5 },
        },
        {
          what: 'the same, p50',
          value: percentile(last, 50),
          unit: 'ms',
          beside: { name: 'p50 of the first fifth', value: percentile(first, 50) },
        },
        { what: 'dead rows at the end', value: await countDead(site), unit: 'count' },
      ],
      notes: [`${gaps.length} claims by one slot; the tasks have no files and fail at once`],
    };
  } finally {
    await idle.end();
  }
}

let rowCount = 0;

async function queueRows({ client }: BenchSite): Promise<void> {
  await client.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     SELECT 'row-' || n, 'u' || n % 7, $1, 'u' || n % 7 || '/upl/none', 'uploaded'
     FROM generate_series($2::int + 1, $2::int + $3::int) AS n`,
    [TRIVIAL_LANGUAGE, rowCount, BATCH],
  );
  rowCount += BATCH;
}

async function countWaiting({ client }: BenchSite): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM tasks WHERE task_status = 'uploaded'",
  );
  return rows[0]?.n ?? 0;
}

async function countDead({ client }: BenchSite): Promise<number> {
  await client.query('SELECT pg_stat_force_next_flush()').catch(() => undefined);
  const { rows } = await client.query<{ n: number }>(
    'SELECT coalesce(sum(n_dead_tup), 0)::int AS n FROM pg_stat_user_tables',
  );
  return rows[0]?.n ?? 0;
}

/** Milliseconds from each end of a task to the next start. */
function findGaps(events: readonly ProcessEvent[]): number[] {
  const gaps: number[] = [];
  let endedMs: number | null = null;
  for (const { event, atMs } of events) {
    if (event === 'task.failed') endedMs = atMs;
    if (event !== 'task.started' || endedMs === null) continue;
    gaps.push(atMs - endedMs);
    endedMs = null;
  }
  return gaps;
}
