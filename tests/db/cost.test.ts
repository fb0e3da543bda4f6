import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

const test = suite('what the database does for one task');
const FEW = 500;
const MANY = 4_000;
let database: TestDatabase;
let sql: pg.Client;

test.before.each(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  await sql.query('UPDATE limits SET user_open_tasks = 1000000');
});
test.after.each(async () => {
  await sql.end();
  await database.drop();
});

// Pages read, not seconds: the same on a busy machine. The server has no statistics here: nothing was analysed.
const statements: Record<string, (count: number) => Promise<string>> = {
  'queue many rows': async (count) => insert('x', count),
  'cancel them': async () => "UPDATE tasks SET cancel_requested = true WHERE user_uuid LIKE 'x%'",
  'queue them again': async () =>
    "UPDATE tasks SET task_status = 'uploaded' WHERE task_status = 'cancelled' AND user_uuid LIKE 'x%'",
  'give them another priority': async () => "UPDATE tasks SET priority = 7 WHERE user_uuid LIKE 'x%'",
};

test('costs the same behind a long queue as behind a short one, also before the server has statistics', async () => {
  const perRow = new Map<string, number[]>();
  for (const waiting of [FEW, MANY]) {
    await sql.query(insert(`w${waiting}`, waiting));
    for (const [what, statement] of Object.entries(statements)) {
      const pages = await countPages(await statement(FEW));
      perRow.set(what, [...(perRow.get(what) ?? []), pages / FEW]);
    }
    await sql.query("DELETE FROM tasks WHERE user_uuid LIKE 'x%'");
  }
  for (const [what, [few = 0, many = 0]] of perRow)
    assert.ok(
      many < 3 * few + 10,
      `${what}: ${few.toFixed(0)} pages a row behind few, ${many.toFixed(0)} behind many`,
    );
});

test('a worker that looks reads a bounded part of the queue', async () => {
  await sql.query(insert('w', MANY));
  const looks = {
    "SELECT find_next_job('{}')": 200,
    // All that waits is for an engine that is left out: a few jobs are looked at, in case their tasks are gone.
    "SELECT find_next_job('{TRIVIAL}')": 800,
    'SELECT sweep_jobs()': 200,
    'SELECT forget_old_jobs()': 200,
  };
  for (const [look, allowed] of Object.entries(looks)) {
    // The first call reads the catalogue of the database too.
    await sql.query(look);
    const pages = await countPages(look);
    assert.ok(pages < allowed, `${look}: ${pages} pages`);
  }
  const pages = await countPages('SELECT requeue_tasks_without_job()');
  assert.ok(pages < 12 * MANY, `${pages} pages for ${MANY} tasks`);
});

test('what is called for each row, or at each look, may use indexes only', async () => {
  const { rows } = await sql.query<{ name: string }>(`
    SELECT proname AS name FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND NOT coalesce(proconfig @> '{enable_seqscan=off}', false)
      AND proname IN ('guard_task_update', 'queue_task', 'withdraw_job', 'reprioritise_job', 'next_turn', 'limit_open_tasks',
        'record_task_history', 'sweep_jobs', 'forget_old_jobs', 'requeue_tasks_without_job', 'find_next_job',
        'find_waiting_engines', 'count_crashes')`);
  assert.deepEqual(
    rows.map(({ name }) => name),
    [],
    'a migration that replaces a function has to set its plans anew',
  );
});

test.run();

/** Of three users in turn. */
function insert(prefix: string, count: number): string {
  return `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    SELECT '${prefix}-' || n, '${prefix}' || (n % 3), 'engUS_TRIVIAL_v010', 'a/upl/x', 'uploaded' FROM generate_series(1, ${count}) AS n`;
}

async function countPages(statement: string): Promise<number> {
  const { rows } = await sql.query<{
    'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }];
  }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`);
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  assert.ok(plan !== undefined);
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}
