import assert from 'node:assert/strict';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('the row is the interface');
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});
test.after(async () => {
  await sql.end();
  await database.drop();
});
test.before.each(async () => {
  await sql.query('DELETE FROM tasks');
  await sql.query('DELETE FROM pgboss.job');
});

const insert = (columns: Record<string, unknown> = {}) => {
  const all = {
    user_uuid: 'ann',
    lang: 'engUS_SPHINX_v010',
    task_path: 'ann/upl/x',
    task_status: 'uploaded',
    ...columns,
  };
  const names = Object.keys(all);
  return sql
    .query(
      `INSERT INTO tasks (${names}) VALUES (${names.map((_, n) => `$${n + 1}`)}) RETURNING *`,
      Object.values(all),
    )
    .then(({ rows }) => rows[0]);
};
const jobs = async () => (await sql.query('SELECT * FROM pgboss.job ORDER BY created_on, id')).rows;
const refusal = async (statement: string): Promise<string | undefined> => {
  try {
    await sql.query(statement);
  } catch (error) {
    return (error as { constraint?: string }).constraint ?? (error as Error).message;
  }
  return undefined;
};

test('a job made by the trigger equals one made by pg-boss, column by column', async () => {
  const boss = new PgBoss({
    connectionString: database.url,
    migrate: false,
    supervise: false,
    schedule: false,
  });
  boss.on('error', () => undefined);
  await boss.start();
  try {
    const task = await insert();
    const data = { id: Number(task.id), user: 'ann' };
    await boss.send('align', data, { group: { id: 'SPHINX' }, priority: 0 });
    // Ten years, which pg-boss does not let a caller ask for: a task may run as long as its holder renews the lease.
    await sql.query('UPDATE pgboss.job SET expire_seconds = 315360000 WHERE id <> $1', [task.job_id]);
  } finally {
    await boss.stop({ graceful: false });
  }
  const [byTrigger, bySend] = await jobs();
  // The time and the identity differ; everything relative to the time must be equal.
  const relative = (job: Record<string, unknown>) => {
    const from = (job['created_on'] as Date).getTime();
    const entries = Object.entries(job).map(([name, value]) => [
      name,
      value instanceof Date ? Math.round((value.getTime() - from) / 1000) : value,
    ]);
    return Object.fromEntries(entries.filter(([name]) => name !== 'id'));
  };
  assert.deepEqual(relative(byTrigger), relative(bySend));
});

test('the job and its notification belong to the transaction that queues the task', async () => {
  const listener = new pg.Client(database.url);
  await listener.connect();
  const heard: string[] = [];
  listener.on('notification', ({ payload }) => heard.push(payload ?? ''));
  const { rows } = await sql.query('SELECT work_channel() AS channel');
  await listener.query(`LISTEN ${rows[0].channel}`);
  try {
    await sql.query('BEGIN');
    await insert();
    await sql.query('ROLLBACK');
    assert.equal((await jobs()).length, 0);
    await insert();
    // Notifications come in the order of commits: when this one has arrived, an earlier one would have arrived, too.
    while (heard.length === 0) await listener.query('SELECT 1');
    assert.deepEqual(heard, ['align']);
  } finally {
    await listener.end();
  }
});

test('a task is queued by INSERT and by UPDATE from uploading', async () => {
  const waiting = await insert({ task_status: 'uploading' });
  assert.equal((await jobs()).length, 0);
  await sql.query(`UPDATE tasks SET task_status = 'uploaded' WHERE id = ${waiting.id}`);
  const [job] = await jobs();
  assert.equal(job.data.id, Number(waiting.id));
});

test('the engine is taken from the language when the row leaves it empty', async () => {
  assert.equal((await insert()).engine, 'SPHINX');
  assert.equal((await insert({ engine: 'MFA1' })).engine, 'MFA1');
});

test('a user with many tasks waits behind the first task of another', async () => {
  for (let n = 0; n < 3; n++) await insert({ user_uuid: 'ann' });
  await insert({ user_uuid: 'ben' });
  const { rows } = await sql.query(`
    SELECT tasks.user_uuid FROM pgboss.job JOIN tasks ON tasks.job_id = job.id ORDER BY job.priority DESC, job.created_on`);
  assert.deepEqual(
    rows.map((row) => row.user_uuid),
    ['ann', 'ben', 'ann', 'ann'],
  );
});

test('tasks inserted by one statement take turns too', async () => {
  await sql.query(`INSERT INTO tasks (user_uuid, lang, task_path, task_status)
    SELECT 'ann', 'engUS_SPHINX_v010', 'ann/upl/x', 'uploaded' FROM generate_series(1, 3)`);
  assert.deepEqual((await jobs()).map((job) => job.priority).sort(), [-1, -3, 0]);
});

test('a changed priority moves the waiting job', async () => {
  const task = await insert();
  await sql.query(`UPDATE tasks SET priority = 2 WHERE id = ${task.id}`);
  assert.equal((await jobs())[0].priority, 2 * 2_000_000);
});

test('cancel_requested cancels a waiting task together with its job', async () => {
  const task = await insert();
  await sql.query(`UPDATE tasks SET cancel_requested = true WHERE id = ${task.id}`);
  const { rows } = await sql.query(`SELECT task_status, finished_at FROM tasks WHERE id = ${task.id}`);
  assert.equal(rows[0].task_status, 'cancelled');
  assert.ok(rows[0].finished_at);
  assert.equal((await jobs())[0].state, 'cancelled');
});

test('a retried task gets a new job, and its old error and counts are cleared', async () => {
  const task = await insert();
  await sql.query(
    `UPDATE tasks SET task_status = 'failed', error_code = 'E_IO', error_message = 'x', attempts = 3 WHERE id = ${task.id}`,
  );
  await sql.query(`UPDATE tasks SET task_status = 'uploaded' WHERE id = ${task.id}`);
  const { rows } = await sql.query(`SELECT * FROM tasks WHERE id = ${task.id}`);
  assert.deepEqual([rows[0].attempts, rows[0].error_code, rows[0].finished_at], [0, null, null]);
  const states = (await jobs()).map((job) => job.state).sort();
  assert.deepEqual(states, ['cancelled', 'created']);
});

test('deleting a waiting task withdraws its job', async () => {
  const task = await insert();
  await sql.query(`DELETE FROM tasks WHERE id = ${task.id}`);
  assert.equal((await jobs())[0].state, 'cancelled');
});

test('the database enforces the rules and names them in its errors', async () => {
  const { id } = await insert();
  const cases: [string, string][] = [
    [
      `UPDATE tasks SET task_status = 'completed', download_path = 'x' WHERE id = ${id}`,
      'status_edge_allowed',
    ],
    [
      `UPDATE tasks SET task_status = 'processing', instance = 'i', started_at = now() WHERE id = ${id}`,
      'claim_takes_next_fence',
    ],
    [`UPDATE tasks SET fence = 7 WHERE id = ${id}`, 'fence_grows_by_claim'],
    [`UPDATE tasks SET task_status = 'failed' WHERE id = ${id}`, 'failed_has_reason'],
    [`UPDATE tasks SET task_status = 'processing', fence = 1 WHERE id = ${id}`, 'processing_has_holder'],
    [`UPDATE tasks SET progress = 2 WHERE id = ${id}`, 'progress_is_a_share'],
    [`UPDATE tasks SET task_status = 'paused' WHERE id = ${id}`, 'status_edge_allowed'],
    [
      `INSERT INTO tasks (user_uuid, task_status) VALUES ('ann', 'uploaded')`,
      'lang_and_path_set_when_queued',
    ],
    [`INSERT INTO tasks (user_uuid, task_status) VALUES ('ann', 'completed')`, 'status_starts_at_upload'],
    [`INSERT INTO tasks (user_uuid) VALUES ('../ann')`, 'user_uuid_is_a_plain_name'],
    [`INSERT INTO tasks (user_uuid, task_id) VALUES ('ann', 'a/b')`, 'task_id_is_a_plain_name'],
    [`INSERT INTO tasks (user_uuid) VALUES (E'ann\n')`, 'user_uuid_is_a_plain_name'],
    [`INSERT INTO tasks (user_uuid) VALUES ('')`, 'user_uuid_is_a_plain_name'],
    [`INSERT INTO tasks (user_uuid) VALUES (repeat('a', 101))`, 'user_uuid_is_a_plain_name'],
    [`INSERT INTO tasks (user_uuid, task_id) VALUES ('ann', repeat('a', 101))`, 'task_id_is_a_plain_name'],
    [`UPDATE task_events SET note = 'x'`, 'history_is_append_only'],
    [`DELETE FROM task_events`, 'history_is_append_only'],
  ];
  for (const [statement, rule] of cases) assert.equal(await refusal(statement), rule, statement);
  const longest = await insert({ user_uuid: 'a'.repeat(100), task_id: `7._-${'z'.repeat(96)}` });
  assert.equal(longest.task_id.length, 100);
});

test('history has one event for each change of status', async () => {
  const { id } = await insert({ task_status: 'uploading' });
  await sql.query(`UPDATE tasks SET task_status = 'uploaded' WHERE id = ${id}`);
  await sql.query(
    `UPDATE tasks SET task_status = 'failed', error_code = 'E_IO', error_message = 'the disk' WHERE id = ${id}`,
  );
  const { rows } = await sql.query(
    `SELECT from_status, to_status, note FROM task_events WHERE task = ${id} ORDER BY id`,
  );
  assert.deepEqual(rows, [
    { from_status: null, to_status: 'uploading', note: null },
    { from_status: 'uploading', to_status: 'uploaded', note: null },
    { from_status: 'uploaded', to_status: 'failed', note: 'E_IO: the disk' },
  ]);
});

test('the two queries in the documentation for operators run as written', async () => {
  await insert();
  const counts = await sql.query('SELECT task_status, COUNT(*) FROM tasks GROUP BY task_status;');
  assert.deepEqual(counts.rows, [{ task_status: 'uploaded', count: '1' }]);
  const stuck = await sql.query(`SELECT task_id, task_status, created_at, updated_at
    FROM tasks WHERE task_status = 'processing' AND updated_at < NOW() - INTERVAL '1 HOUR';`);
  assert.deepEqual(stuck.rows, []);
});

test('an open task whose job was removed is queued again', async () => {
  await insert();
  await sql.query('DELETE FROM pgboss.job');
  const { rows } = await sql.query('SELECT requeue_tasks_without_job() AS n');
  assert.equal(rows[0].n, 1);
  assert.equal((await jobs()).length, 1);
  assert.equal((await sql.query('SELECT requeue_tasks_without_job() AS n')).rows[0].n, 0);
});

test.run();
