import { runMigrations } from 'graphile-worker';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import type { BenchContext, Benchmark, Figure } from './benchmark.ts';
import { type BenchSite, createSite } from './site.ts';

const ROW_COUNT = 100_000;
const USERS = 3;
const GOAL = { atLeast: 10_000 } as const;

/** In a database that was made a moment before: nothing has statistics yet. */
export const queueMany: Benchmark = {
  name: 'queue-many',
  summary: `${ROW_COUNT} tasks in one statement: queued, cancelled, queued again, in a new database`,
  isLong: true,
  run: async (context: BenchContext) => {
    await using site = await createSite(context);
    const { client } = site;
    await client.query('UPDATE limits SET user_open_tasks = $1', [ROW_COUNT]);
    const beside = { name: 'graphile-worker add_jobs', value: await measureGraphile(site) };
    const figures: Figure[] = [];
    const measure = async (what: string, statement: string, values: unknown[] = []) => {
      const value = await rowsPerSec(() => client.query(statement, values));
      figures.push({ what, value, unit: '1/s', beside, goal: GOAL });
    };
    await measure('rows queued by one INSERT', INSERT, [ROW_COUNT, USERS, TRIVIAL_LANGUAGE]);
    await measure('rows cancelled by one UPDATE', 'UPDATE tasks SET cancel_requested = true');
    const floor = await measureFloor(site);
    await measure('rows queued again by one UPDATE', "UPDATE tasks SET task_status = 'uploaded'");
    const queued = await client.query('SELECT ready::int FROM queue_depth');
    const notes = [
      `task, job and event queued again by plain statements, without any rule: ${Math.round(floor)} rows/s`,
      `waiting at the end: ${queued.rows[0]?.ready}`,
    ];
    return { figures, notes };
  },
};

const INSERT = `
  INSERT INTO tasks (user_uuid, lang, task_path, task_status)
  SELECT 'user' || n % $2, $3, 'user/upl/x', 'uploaded' FROM generate_series(1, $1) AS n`;

/** What the server needs to write the three rows of a task that is queued again, without any checks. */
async function measureFloor({ client }: BenchSite): Promise<number> {
  await client.query('BEGIN; ALTER TABLE tasks DISABLE TRIGGER USER');
  const value = await rowsPerSec(async () => {
    for (const statement of WRITES_OF_A_RETRY) await client.query(statement);
  });
  await client.query('ROLLBACK');
  return value;
}

const WRITES_OF_A_RETRY = [
  "UPDATE tasks SET task_status = 'uploaded', finished_at = NULL, queued_at = now(), job_id = gen_random_uuid()",
  `INSERT INTO pgboss.job (name, id, priority, data, group_id, policy)
   SELECT 'align', job_id, -id, jsonb_build_object('id', id, 'user', user_uuid), engine, 'standard' FROM tasks`,
  `INSERT INTO task_events (task, from_status, to_status, fence) SELECT id, 'cancelled', task_status, fence FROM tasks`,
];

async function measureGraphile({ database, client }: BenchSite): Promise<number> {
  await runMigrations({ connectionString: database.url });
  return await rowsPerSec(() =>
    client.query(
      `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
         SELECT json_populate_record(NULL::graphile_worker.job_spec,
           json_build_object('identifier', 'start', 'payload', json_build_object('id', n)))
         FROM generate_series(1, $1) AS n))`,
      [ROW_COUNT],
    ),
  );
}

async function rowsPerSec(run: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await run();
  return (ROW_COUNT * 1000) / (performance.now() - startedAtMs);
}
