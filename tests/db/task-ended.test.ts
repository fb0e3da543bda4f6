import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('the notification that a task has ended');
const NOT_ALLOWED = '42501';
const stranger = `autophon_test_stranger_${randomBytes(4).toString('hex')}`;
const password = randomBytes(12).toString('hex');
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

/** All notifications that a session receives while the action runs. They come in the order of commits. */
async function hear(url: string, action: () => Promise<unknown>): Promise<unknown[]> {
  const listener = new pg.Client(url);
  await listener.connect();
  const heard: string[] = [];
  listener.on('notification', ({ payload = '' }) => heard.push(payload));
  try {
    await listener.query('LISTEN autophon_task_ended');
    await action();
    await sql.query("NOTIFY autophon_task_ended, 'enough'");
    while (!heard.includes('enough')) await listener.query('SELECT 1');
  } finally {
    await listener.end();
  }
  return heard.filter((payload) => payload !== 'enough').map((payload) => JSON.parse(payload));
}

const queue = async (taskId: string): Promise<number> => {
  const { rows } = await sql.query<{ id: string }>(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     VALUES ($1, 'ann', 'engUS_SPHINX_v010', 'ann/upl/x', 'uploaded') RETURNING id`,
    [taskId],
  );
  return Number(rows[0]?.id);
};
const change = (id: number, columns: string) => sql.query(`UPDATE tasks SET ${columns} WHERE id = ${id}`);
const claim = (id: number) =>
  change(id, "task_status = 'processing', fence = fence + 1, instance = 'i', started_at = now()");
const FAILED = "task_status = 'failed', error_code = 'E_IO', error_message = 'the disk'";

test('is sent once for each end, whatever it is, with number, name and status', async () => {
  const ids: Record<string, number> = {};
  const heard = await hear(database.url, async () => {
    for (const name of ['done', 'broken', 'withdrawn', 'out']) ids[name] = await queue(name);
    const { done = 0, broken = 0, withdrawn = 0, out = 0 } = ids;
    await claim(done);
    await change(done, "stage = 'package', progress = 0.9");
    await change(done, "task_status = 'completed', download_path = 'x.zip', stage = 'cleanup'");
    await change(done, 'stage = NULL');
    await change(broken, FAILED);
    await change(withdrawn, 'cancel_requested = true');
    await change(out, "task_status = 'expired'");
  });
  assert.deepEqual(heard, [
    { id: ids['done'], task_id: 'done', status: 'completed' },
    { id: ids['broken'], task_id: 'broken', status: 'failed' },
    { id: ids['withdrawn'], task_id: 'withdrawn', status: 'cancelled' },
    { id: ids['out'], task_id: 'out', status: 'expired' },
  ]);
});

test('is sent for each of the tasks that end by one statement, and for no other', async () => {
  const ids = await Promise.all(['a', 'b', 'c'].map(queue));
  const [a, b, c] = ids;
  await sql.query('UPDATE tasks SET cancel_requested = true WHERE id = $1', [c]);
  const heard = await hear(database.url, () =>
    sql.query('UPDATE tasks SET cancel_requested = true, priority = 1 WHERE id = ANY ($1)', [ids]),
  );
  const byNumber = heard.sort((one, other) => (one as { id: number }).id - (other as { id: number }).id);
  assert.deepEqual(byNumber, [
    { id: a, task_id: 'a', status: 'cancelled' },
    { id: b, task_id: 'b', status: 'cancelled' },
  ]);
});

test('is sent again when a task that was tried again ends', async () => {
  const heard = await hear(database.url, async () => {
    const id = await queue('twice');
    await change(id, FAILED);
    await change(id, "task_status = 'uploaded'");
    await change(id, FAILED);
  });
  assert.equal(heard.length, 2);
});

test('is not sent for an attempt that will be repeated, a change that is rolled back, or a task that is deleted or had ended before', async () => {
  const ended = await queue('ended');
  await change(ended, FAILED);
  const heard = await hear(database.url, async () => {
    const id = await queue('repeated');
    await claim(id);
    await change(id, "task_status = 'uploaded', error_code = 'E_IO', error_message = 'the disk'");
    await sql.query('BEGIN');
    await change(id, FAILED);
    await sql.query('ROLLBACK');
    await sql.query(`DELETE FROM tasks WHERE id = ${id}`);
    await change(ended, "task_status = 'expired'");
  });
  assert.deepEqual(heard, []);
});

test('is received by a login that may only connect, and cannot read the row', async () => {
  try {
    await sql.query(`CREATE ROLE ${stranger} LOGIN PASSWORD '${password}'`);
  } catch (error) {
    if ((error as { code?: string }).code !== NOT_ALLOWED) throw error;
    console.error('the role of the tests may not make roles: this is left out');
    return;
  }
  const url = new URL(database.url);
  Object.assign(url, { username: stranger, password });
  try {
    const heard = await hear(url.href, async () => change(await queue('heard'), FAILED));
    assert.equal(heard.length, 1);
    const hand = new pg.Client(url.href);
    await hand.connect();
    await assert.rejects(hand.query('SELECT FROM tasks'), { code: NOT_ALLOWED });
    await hand.end();
  } finally {
    await sql.query(`DROP ROLE ${stranger}`);
  }
});

test.run();
