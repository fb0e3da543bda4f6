import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('old copies of rows, saved while the task runs');
/** As models of applications save a row: without the fence. */
const MODEL = [
  ...[
    'user_uuid',
    'lang',
    'engine',
    'task_status',
    'priority',
    'task_path',
    'cancel_requested',
    'status_note',
  ],
  ...['stage', 'progress', 'started_at', 'created_at', 'updated_at'],
] as const;

type Row = Record<string, unknown>;
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

async function read(id: unknown): Promise<Row> {
  const { rows } = await sql.query('SELECT * FROM tasks WHERE id = $1', [id]);
  return rows[0];
}

async function queueTask(): Promise<Row> {
  const { rows } = await sql.query(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status)
     VALUES ('ann', 'engUS_SPHINX_v010', 'ann/upl/x', 'uploaded') RETURNING *`,
  );
  return rows[0];
}

async function claim({ id }: Row): Promise<void> {
  await sql.query(
    `UPDATE tasks SET task_status = 'processing', fence = fence + 1, attempts = attempts + 1, instance = 'one',
            stage = 'prepare', progress = 0, started_at = now() WHERE id = $1`,
    [id],
  );
}

async function save(copy: Row, columns: readonly string[] = MODEL): Promise<void> {
  const set = columns.map((name, n) => `${name} = $${n + 2}`);
  await sql.query(`UPDATE tasks SET ${set} WHERE id = $1`, [
    copy['id'],
    ...columns.map((name) => copy[name]),
  ]);
}

test('saving a copy of the row from before the claim is refused, and the task runs on', async () => {
  const copy = await queueTask();
  await claim(copy);
  const running = await read(copy['id']);
  for (const change of [{ priority: 5 }, { updated_at: new Date() }, { updated_at: null }]) {
    await assert.rejects(save({ ...copy, ...change }), {
      code: '23514',
      constraint: 'running_task_not_overwritten',
      message: /^task \S+: it is running, and this update would put it back into the queue with an old copy/,
      hint: 'Read the row again, and write only the columns that you change. To queue it anew by hand, set task_status alone.',
    });
  }
  assert.deepEqual(await read(copy['id']), running);
});

test('cancel_requested in an old copy, or beside an old status, cancels the task', async () => {
  for (const columns of [MODEL, ['task_status', 'cancel_requested']]) {
    const copy = await queueTask();
    await claim(copy);
    await save({ ...copy, cancel_requested: true }, columns);
    assert.equal((await read(copy['id']))['task_status'], 'cancelled');
  }
});

test('a copy from before a hand-back and a new claim is refused, too, and so is one of few columns', async () => {
  const copy = await queueTask();
  await claim(copy);
  await sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE id = $1", [copy['id']]);
  await claim(copy);
  for (const column of ['started_at', 'updated_at', 'instance', 'stage', 'claim'])
    await assert.rejects(
      save(copy, ['task_status', column]),
      { constraint: 'running_task_not_overwritten' },
      column,
    );
  assert.equal((await read(copy['id']))['task_status'], 'processing');
});

test('a hand-back that says how the attempt went, and one that names the status alone, are allowed', async () => {
  for (const handBack of [
    "task_status = 'uploaded'",
    `task_status = 'uploaded', status_note = 'the worker stops', attempts = attempts - 1, log_path = 'x.log',
     error_code = 'E_DISK_FULL', error_message = 'full', warnings = '[]', words = 3`,
  ]) {
    const task = await queueTask();
    await claim(task);
    await sql.query(`UPDATE tasks SET ${handBack} WHERE id = $1`, [task['id']]);
    const { task_status, instance, started_at, stage } = await read(task['id']);
    assert.deepEqual([task_status, instance, started_at, stage], ['uploaded', null, null, null]);
  }
});

test('a whole row that was read while the task runs can be saved', async () => {
  const task = await queueTask();
  await claim(task);
  await save({ ...(await read(task['id'])), priority: 7, updated_at: new Date() });
  const { task_status, priority } = await read(task['id']);
  assert.deepEqual([task_status, priority], ['processing', 7]);
});

test('a failed task is queued again by saving a whole row', async () => {
  const task = await queueTask();
  await claim(task);
  await sql.query(
    "UPDATE tasks SET task_status = 'failed', error_code = 'E_X', error_message = 'x' WHERE id = $1",
    [task['id']],
  );
  await save({ ...(await read(task['id'])), task_status: 'uploaded' });
  assert.equal((await read(task['id']))['task_status'], 'uploaded');
});

test.run();
