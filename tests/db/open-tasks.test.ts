import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('open tasks of a user');
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  await sql.query('UPDATE limits SET user_open_tasks = 2');
});
test.after(async () => {
  await sql.end();
  await database.drop();
});

const queue = (user: string, taskId: string) =>
  sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     VALUES ($2, $1, 'engUS_SPHINX_v010', $1 || '/upl/x', 'uploaded')`,
    [user, taskId],
  );
const tooMany = { code: '23514', constraint: 'user_open_tasks_limited' };
const setStatus = (taskId: string, status: string) =>
  sql.query(
    status === 'processing'
      ? "UPDATE tasks SET task_status = $2, fence = fence + 1, instance = 'i', started_at = now() WHERE task_id = $1"
      : 'UPDATE tasks SET task_status = $2 WHERE task_id = $1',
    [taskId, status],
  );

test('one task more than allowed is refused, with the name of the rule, for every program; other users are not affected', async () => {
  await queue('ann', 'a1');
  await queue('ann', 'a2');
  await assert.rejects(queue('ann', 'a3'), {
    ...tooMany,
    message: 'user ann has 2 tasks that wait or run: no more are allowed at the same time',
  });
  await queue('bob', 'b1');
});

test('an upload may begin over the limit, and is refused when it is queued', async () => {
  await sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path) VALUES ('a4', 'ann', 'engUS_SPHINX_v010', 'ann/upl/a4')",
  );
  await assert.rejects(setStatus('a4', 'uploaded'), tooMany);
});

test('a running task counts, and can be handed back whatever the limit is then', async () => {
  await setStatus('a1', 'processing');
  await assert.rejects(queue('ann', 'a5'), tooMany);
  await sql.query('UPDATE limits SET user_open_tasks = 1');
  await setStatus('a1', 'uploaded');
});

test('a cancelled task frees a place, and counts again when it is tried again', async () => {
  await sql.query('UPDATE limits SET user_open_tasks = 2');
  await setStatus('a1', 'cancelled');
  await queue('ann', 'a6');
  await assert.rejects(setStatus('a1', 'uploaded'), tooMany);
});

test('a task that is claimed while another one is queued counts, too', async () => {
  await queue('eve', 'e1');
  await queue('eve', 'e2');
  const hand = new pg.Client(database.url);
  const worker = new pg.Client(database.url);
  await Promise.all([hand.connect(), worker.connect()]);
  try {
    // A session that counts tasks reads this table first, and so waits.
    await hand.query('BEGIN; LOCK TABLE queue_front IN ACCESS EXCLUSIVE MODE');
    const refused = assert.rejects(queue('eve', 'e3'), tooMany);
    const waits = 'SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass';
    while ((await worker.query(waits, ['queue_front'])).rowCount === 0);
    await worker.query(`UPDATE pgboss.job SET state = 'active' WHERE data ->> 'user' = 'eve'`);
    await hand.query('COMMIT');
    await refused;
  } finally {
    await Promise.all([hand.end(), worker.end()]);
  }
});

test.run();
