import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('tasks that wait until a time');
const MANY = 300;
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});
test.before.each(async () => {
  await sql.query('DELETE FROM tasks');
  await sql.query('DELETE FROM pgboss.job');
});
test.after(async () => {
  await sql.end();
  await database.drop();
});

test('no claim takes a task before its time, and the first sweep after it gives the task its turn', async () => {
  await add('now', 'ann', 1);
  await add('later', 'ben', 1, TOMORROW);
  assert.equal(await claim(), 'now-1');
  assert.equal(await claim(), null);
  await sweep();
  assert.equal(await claim(), null);
  await passTime();
  assert.equal(await claim(), null);
  await sweep();
  assert.equal(await claim(), 'later-1');
});

test('the view counts them apart, and says when the next one is due', async () => {
  await add('now', 'ann', 2);
  await add('later', 'ann', 3, TOMORROW);
  const { rows } = await sql.query(`
    SELECT ready::int, delayed::int, later::int, next_later = (SELECT min(not_before) FROM tasks) AS is_due_then,
           oldest < now() + interval '1 hour' AS is_oldest_of_ready FROM queue_depth`);
  assert.deepEqual(rows, [{ ready: 2, delayed: 0, later: 3, is_due_then: true, is_oldest_of_ready: true }]);
});

test('many tasks that wait for a time delay neither their own user nor another', async () => {
  await add('later', 'ann', MANY, TOMORROW);
  await add('ben', 'ben', 3);
  await add('ann', 'ann', 3);
  assert.deepEqual(await claimAll(), ['ben-1', 'ann-1', 'ben-2', 'ann-2', 'ben-3', 'ann-3']);
});

test('when their time has come they take turns with tasks that were queued meanwhile', async () => {
  await add('later', 'ann', 3, TOMORROW);
  await add('ben', 'ben', 3);
  await passTime();
  await sweep();
  const order = await claimAll();
  assert.equal(order.length, 6);
  assert.deepEqual(order.slice(0, 2).map(userOf).sort(), ['ben', 'later']);
  assert.deepEqual(order.slice(2, 4).map(userOf).sort(), ['ben', 'later']);
});

test('a new time counts at once, for each of many rows: later, earlier, and none', async () => {
  await add('x', 'ann', MANY);
  await sql.query(`UPDATE tasks SET not_before = ${TOMORROW}`);
  assert.deepEqual(await depth(), { ready: 0, later: MANY });
  await sql.query(`UPDATE tasks SET not_before = now() + interval '1 hour'`);
  const { rows } = await sql.query(
    'SELECT count(*)::int AS n FROM tasks JOIN pgboss.job ON job.id = job_id AND start_after = not_before',
  );
  assert.deepEqual(rows, [{ n: MANY }]);
  await sql.query("UPDATE tasks SET not_before = CASE WHEN id % 2 = 0 THEN now() - interval '1 hour' END");
  assert.deepEqual(await depth(), { ready: MANY, later: 0 });
  assert.equal((await claimAll()).length, MANY);
});

test('a task keeps its place when only a time that is past is written into it', async () => {
  await add('x', 'ann', 3);
  await sql.query("UPDATE tasks SET not_before = now() - interval '1 hour' WHERE task_id = 'x-1'");
  assert.deepEqual(await claimAll(), ['x-1', 'x-2', 'x-3']);
});

test('another priority leaves them waiting, and counts when their time comes', async () => {
  await add('later', 'ann', 2, TOMORROW);
  await add('now', 'ann', 1);
  await sql.query("UPDATE tasks SET priority = 5 WHERE task_id = 'later-2'");
  assert.deepEqual(await depth(), { ready: 1, later: 2 });
  await passTime();
  await sweep();
  assert.deepEqual(await claimAll(), ['later-2', 'now-1', 'later-1']);
});

test('they count for the limit of open tasks, also where nothing else waits', async () => {
  await sql.query('UPDATE limits SET user_open_tasks = 5');
  await add('later', 'ann', 4, TOMORROW);
  await sql.query('SELECT find_queue_front(0)');
  await assert.rejects(add('more', 'ann', 2), { constraint: 'user_open_tasks_limited' });
  await add('one', 'ann', 1);
  await sql.query('UPDATE limits SET user_open_tasks = 10000');
});

test('a task that is processed by hand and handed back waits for its time again', async () => {
  await add('later', 'ann', 1, TOMORROW);
  await sql.query(
    `UPDATE tasks SET task_status = 'processing', fence = 1, instance = 'x', started_at = now()`,
  );
  await sql.query("UPDATE pgboss.job SET state = 'retry', start_after = now() - interval '1 second'");
  await sql.query("UPDATE tasks SET task_status = 'uploaded'");
  await sweep();
  assert.equal(await claim(), null);
  assert.deepEqual(await depth(), { ready: 0, later: 1 });
});

test('a task that is tried again after its time begins at once', async () => {
  await add('later', 'ann', 1, TOMORROW);
  await sql.query('UPDATE tasks SET cancel_requested = true');
  await passTime();
  await sql.query("UPDATE tasks SET task_status = 'uploaded'");
  assert.equal(await claim(), 'later-1');
});

test('a task that waits for its time is not failed for lack of an engine', async () => {
  await add('now', 'ann', 1);
  await add('later', 'ann', 1, TOMORROW);
  await sql.query(
    "SET session_replication_role = replica; UPDATE tasks SET queued_at = now() - interval '3 days'",
  );
  await sql.query('RESET session_replication_role');
  const { rows } = await sql.query("SELECT fail_tasks_without_engine(86400, '{TRIVIAL}') AS failed");
  assert.deepEqual(rows, [{ failed: 'now-1' }]);
});

test('an impossible time is refused with the name of the rule', async () => {
  for (const time of ["'infinity'", "'-infinity'", "'12026-03-01'"]) {
    await assert.rejects(add('x', 'ann', 1, time), { constraint: 'not_before_has_four_digit_year' }, time);
  }
});

test.run();

const TOMORROW = "now() + interval '1 day'";

async function add(prefix: string, user: string, count: number, notBefore = 'NULL'): Promise<void> {
  await sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, not_before)
     SELECT $1 || '-' || n, $2, 'engUS_TRIVIAL_v010', 'a/upl/x', 'uploaded', ${notBefore} FROM generate_series(1, $3::int) AS n`,
    [prefix, user, count],
  );
}

/** The task that a worker would take; it runs from then on. */
async function claim(): Promise<string | null> {
  const { rows } = await sql.query(`
    WITH next AS (SELECT find_next_job('{}') AS id)
    UPDATE pgboss.job SET state = 'active', started_on = now(), heartbeat_on = now() FROM next WHERE job.id = next.id
    RETURNING (SELECT task_id FROM tasks WHERE job_id = job.id)`);
  return rows[0]?.task_id ?? null;
}

async function claimAll(): Promise<string[]> {
  const taken: string[] = [];
  for (;;) {
    const one = await claim();
    if (one === null) return taken;
    taken.push(one);
  }
}

const sweep = () => sql.query('SELECT sweep_jobs()');
const userOf = (taskId: string) => taskId.split('-')[0];

/** Moves a time from the future into the past, without a statement of an application. */
async function passTime(): Promise<void> {
  await sql.query('SET session_replication_role = replica');
  await sql.query("UPDATE tasks SET not_before = not_before - interval '2 days'");
  await sql.query("UPDATE pgboss.job SET start_after = start_after - interval '2 days' WHERE blocked");
  await sql.query('RESET session_replication_role');
}

async function depth(): Promise<unknown> {
  return (await sql.query('SELECT ready::int, later::int FROM queue_depth')).rows[0];
}
