import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { until } from '../../testing/time-limits.ts';

/**
 * Costs are pages that the server read or wrote, not seconds, so that a busy machine gives the same numbers. They come
 * from the database's counters: EXPLAIN does not count what triggers do after the statement.
 */
const test = suite('what the database does for tasks');
const FEW = 500;
const MANY = 4_000;
/** Pages that one row may cost: all tables and all indexes, with a reserve for pages that are split. */
const PAGES_PER_ROW = 100;
/** Pages that one query, or one row of it, may cost: each index from its root, with a reserve for dead rows. */
const PAGES_PER_LOOK = 300;
/** Eight times the rows may take eight times the time; with work for each pair of rows it would be 64 times. */
const MAX_CPU_RATIO = 24;

let database: TestDatabase;
let sql: pg.Client;

const STATEMENTS = {
  'queue rows': (prefix: string, count: number) => insert(prefix, count),
  'give them another priority': (prefix: string) =>
    `UPDATE tasks SET priority = priority + 1 WHERE task_id LIKE '${prefix}-%'`,
  'cancel them': (prefix: string) =>
    `UPDATE tasks SET cancel_requested = true WHERE task_id LIKE '${prefix}-%'`,
  'queue them again': (prefix: string) =>
    `UPDATE tasks SET task_status = 'uploaded' WHERE task_id LIKE '${prefix}-%'`,
  'delete them': (prefix: string) => `DELETE FROM tasks WHERE task_id LIKE '${prefix}-%'`,
} as const;

const LOOKS = [
  "SELECT find_next_job('{}')",
  "SELECT find_next_job('{TRIVIAL}')",
  'SELECT sweep_jobs()',
  'SELECT find_queue_front(0)',
  'SELECT forget_old_jobs()',
  "SELECT fail_tasks_without_engine(3600, '{TRIVIAL,SPHINX}')",
  "SELECT * FROM find_queue_places('{w-1}')",
  "SELECT * FROM forecast_tasks('{w-1}')",
  'SELECT learn_times()',
  'SELECT * FROM stuck_tasks',
];

test.before.each(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  await sql.query('UPDATE limits SET user_open_tasks = 1000000');
  // Plans that were made when all tables were empty are the worst. The connection keeps them.
  for (const statement of Object.values(STATEMENTS)) await sql.query(statement('first', 1));
  for (const look of LOOKS) await sql.query(look);
});
test.after.each(async () => {
  await sql.end();
  await database.drop();
});

test('a task costs the same behind a long queue as behind an empty one, with and without statistics of the server', async () => {
  await sql.query(insert('w', MANY));
  for (const state of ['without statistics', 'with statistics']) {
    if (state === 'with statistics') await sql.query('ANALYZE');
    // The catalogue is read when a plan is made again.
    for (const statement of Object.values(STATEMENTS)) await sql.query(oneOf(statement));
    for (const look of LOOKS) await sql.query(look);
    for (const [what, statement] of Object.entries(STATEMENTS)) {
      const pages = await countPages(oneOf(statement));
      assert.ok(pages < PAGES_PER_LOOK, `${what}, ${state}: ${pages} pages`);
    }
    for (const look of LOOKS) {
      const pages = await countPages(look);
      assert.ok(pages < PAGES_PER_LOOK, `${look}, ${state}: ${pages} pages`);
    }
  }
});

test('the cost of a statement grows in proportion to its rows', async () => {
  for (const [what, statement] of Object.entries(STATEMENTS)) {
    const fewMs = await cpuMsOf(() => sql.query(statement('y', FEW)));
    let pages = 0;
    const manyMs = await cpuMsOf(async () => {
      pages = await countPages(statement('x', MANY));
    });
    assert.ok(pages < PAGES_PER_ROW * MANY, `${what}: ${Math.round(pages / MANY)} pages a row`);
    if (fewMs !== null && manyMs !== null)
      assert.ok(manyMs < MAX_CPU_RATIO * Math.max(20, fewMs), `${what}: ${fewMs} ms, then ${manyMs} ms`);
  }
});

test('tasks without a job are looked for in parts, however many tasks have ended', async () => {
  await sql.query(insert('w', MANY));
  await sql.query(STATEMENTS['cancel them']('w'));
  await sql.query(insert('x', 10));
  await sql.query('SELECT requeue_tasks_without_job()');
  assert.ok((await countPages('SELECT requeue_tasks_without_job()')) < PAGES_PER_LOOK);
  await sql.query(STATEMENTS['queue them again']('w'));
  assert.ok((await countPages('SELECT requeue_tasks_without_job()')) < 12 * MANY);
});

test('all tasks without a job are found, one part after the other', async () => {
  const parts = 6_000;
  await sql.query(insert('w', parts));
  await sql.query('DELETE FROM pgboss.job');
  let requeued = 0;
  for (let looks = 0; looks < 2; looks++) {
    const { rows } = await sql.query<{ n: number }>('SELECT requeue_tasks_without_job() AS n');
    requeued += rows[0]?.n ?? 0;
  }
  assert.equal(requeued, parts);
  const { rows } = await sql.query('SELECT ready::int FROM queue_depth');
  assert.deepEqual(rows, [{ ready: parts }]);
});

test('functions that run for each row or each search use indexes only', async () => {
  const { rows } = await sql.query<{ name: string }>(`
    SELECT proname AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND NOT coalesce(proconfig @> '{enable_seqscan=off}', false)
      AND proname IN ('guard_task_update', 'find_ranks', 'limit_open_tasks', 'has_room', 'queue_tasks', 'withdraw_jobs',
        'move_jobs', 'release_due_jobs', 'record_updated_tasks', 'running_jobs', 'sweep_jobs', 'find_queue_front', 'queue_front', 'forget_old_jobs', 'requeue_tasks_without_job', 'has_job',
        'fail_tasks_without_engine', 'find_next_job', 'find_waiting_engines', 'find_queue_places', 'count_crashes')`);
  assert.deepEqual(
    rows.map(({ name }) => name),
    [],
    'a migration that replaces a function has to reset its plans',
  );
});

test('a long queue costs nothing more to an instance that has none of its engines', async () => {
  await sql.query(insert('w', MANY));
  await sql.query(insert('x', 1, 'SPHINX'));
  const { rows } = await sql.query<{ id: string }>("SELECT find_next_job('{TRIVIAL}') AS id");
  const found = await sql.query('SELECT task_id FROM tasks WHERE job_id = $1', [rows[0]?.id]);
  assert.deepEqual(found.rows, [{ task_id: 'x-1' }]);
  assert.ok((await countPages("SELECT find_next_job('{TRIVIAL,SPHINX}')")) < PAGES_PER_LOOK);
});

test('tasks that wait for their time cost a search nothing, and a task that comes due costs as much as a task that is queued', async () => {
  await sql.query(insert('w', MANY));
  const time = "UPDATE tasks SET not_before = now() + interval '1 day'";
  assert.ok((await countPages(time)) < PAGES_PER_ROW * MANY);
  await sql.query(insert('x', 1));
  // The first queries meet dead rows of the statement before, as long as the server's own cleaning may need them.
  for (const look of LOOKS) {
    let pages = 0;
    await until(
      () => `${look} to cost nothing: ${pages} pages`,
      async () => {
        pages = await countPages(look);
        return pages < PAGES_PER_LOOK;
      },
    );
  }
  await sql.query('UPDATE pgboss.job SET start_after = now() WHERE blocked');
  await sql.query('SET session_replication_role = replica; UPDATE tasks SET not_before = now()');
  await sql.query('RESET session_replication_role');
  assert.ok((await countPages('SELECT sweep_jobs()')) < PAGES_PER_ROW * MANY);
  const { rows } = await sql.query('SELECT ready::int, later::int FROM queue_depth');
  assert.deepEqual(rows, [{ ready: MANY + 1, later: 0 }]);
});

test('a search for the next job costs the same after many claims, while a transaction stays open', async () => {
  await sql.query(insert('w', MANY));
  const idle = new pg.Client(database.url);
  await idle.connect();
  try {
    await idle.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await idle.query('SELECT pg_current_xact_id()');
    await sql.query("UPDATE pgboss.job SET state = 'active' WHERE state < 'active'");
    await sql.query(insert('x', 10));
    await sql.query('SELECT sweep_jobs()');
    await sql.query('SELECT find_queue_front(0)');
    for (const look of ["SELECT find_next_job('{}')", "SELECT find_next_job('{SPHINX}')"]) {
      await sql.query(look);
      const pages = await countPages(look);
      assert.ok(pages < PAGES_PER_LOOK, `${look}: ${pages} pages`);
    }
  } finally {
    await idle.end();
  }
});

test('a new task costs the same after many tasks have run, while a transaction stays open and one of them runs on', async () => {
  const idle = new pg.Client(database.url);
  await idle.connect();
  try {
    await idle.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await idle.query('SELECT pg_current_xact_id()');
    await sql.query(insert('w', MANY));
    await sql.query(`UPDATE pgboss.job SET state = 'active' WHERE id IN (
      SELECT id FROM pgboss.job WHERE state < 'active' ORDER BY priority DESC, created_on LIMIT ${MANY - 10})`);
    await sql.query('SELECT find_queue_front(0)');
    await sql.query(`UPDATE pgboss.job SET state = 'completed', completed_on = now()
      WHERE state = 'active' AND id <> (SELECT job_id FROM tasks WHERE task_id = 'w-1')`);
    await sql.query('SELECT find_queue_front(0)');
    for (const user of ['user1', 'somebody']) {
      const pages = await countPages(
        insert('x', 1).replace("'user' || (n % 3)", `'${user}'`).replace('x-', `${user}-`),
      );
      assert.ok(pages < PAGES_PER_LOOK, `${user}: ${pages} pages`);
    }
    const { rows } = await sql.query('SELECT user_uuid FROM running_jobs()');
    assert.deepEqual(rows, [{ user_uuid: 'user1' }]);
  } finally {
    await idle.end();
  }
});

test.run();

/** The row itself must be found by an index. */
function oneOf(statement: (prefix: string, count: number) => string): string {
  return statement('x', 1).replace("LIKE 'x-%'", "= 'x-1'");
}

/** Tasks of three users in turn. */
function insert(prefix: string, count: number, engine = 'TRIVIAL'): string {
  return `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    SELECT '${prefix}-' || n, 'user' || (n % 3), 'engUS_${engine}_v010', 'a/upl/x', 'uploaded' FROM generate_series(1, ${count}) AS n`;
}

async function countPages(statement: string): Promise<number> {
  const before = await readPages();
  await sql.query(statement);
  return (await readPages()) - before;
}

async function readPages(): Promise<number> {
  await sql.query('SELECT pg_stat_force_next_flush()');
  // The server updates its counters between two statements.
  await sql.query('SELECT');
  const { rows } = await sql.query<{ pages: string }>(
    'SELECT pg_stat_get_db_blocks_fetched(oid) AS pages FROM pg_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.pages);
}

/**
 * CPU time of the server's process.
 * @returns null if the server is on another machine
 */
async function cpuMsOf(run: () => Promise<unknown>): Promise<number | null> {
  const before = await readCpuMs();
  await run();
  const after = await readCpuMs();
  return before === null || after === null ? null : after - before;
}

async function readCpuMs(): Promise<number | null> {
  const { rows } = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, 'utf8').catch(() => '');
  if (!stat.includes('(postgres)')) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const MS_PER_TICK = 10;
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
