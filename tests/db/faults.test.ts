import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('the faults of a task');
const FAULTS = [{ code: 'E_IO', text: 'the disk', place: { file: 'talk.wav' } }];
const FAILED = `task_status = 'failed', error_code = 'E_IO', error_message = 'talk.wav: the disk'`;
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

/** A task that runs. @returns a function that changes it and gives its faults then */
async function startTask() {
  const { rows } = await sql.query(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status, faults)
     VALUES ('ann', 'engUS_SPHINX_v010', 'ann/upl/x', 'uploaded', '[{"code": "E_IO"}]') RETURNING id, faults`,
  );
  assert.deepEqual(rows[0].faults, [], 'a new task has none, whatever its row says');
  const change = async (set: string): Promise<unknown> => {
    const changed = await sql.query(`UPDATE tasks SET ${set} WHERE id = $1 RETURNING faults`, [rows[0].id]);
    return changed.rows[0].faults;
  };
  const claim = () =>
    change(`task_status = 'processing', fence = fence + 1, attempts = attempts + 1, instance = 'one',
            started_at = now()`);
  await claim();
  return { change, claim };
}
const set = (faults: unknown): string => `faults = '${JSON.stringify(faults)}'`;

test('faults are kept while the task has an error, and are cleared when it is tried again', async () => {
  const { change } = await startTask();
  assert.deepEqual(await change(`${FAILED}, ${set(FAULTS)}`), FAULTS);
  for (const other of ['priority = 3', 'faults = NULL', "faults = 'null'", "status_note = 'seen'"])
    assert.deepEqual(await change(other), FAULTS, other);
  assert.deepEqual(await change("task_status = 'uploaded'"), []);
});

test('faults stay until the next attempt ends, and are cleared when it completes', async () => {
  const { change, claim } = await startTask();
  const repeated = "task_status = 'uploaded', error_code = 'E_IO', error_message = 'the disk'";
  assert.deepEqual(await change(`${repeated}, ${set(FAULTS)}`), FAULTS);
  assert.deepEqual(await claim(), FAULTS);
  const completed =
    "task_status = 'completed', download_path = 'x.zip', error_code = NULL, error_message = NULL";
  assert.deepEqual(await change(completed), []);
});

test('an error that was written without a list becomes a list of one', async () => {
  const { change } = await startTask();
  assert.deepEqual(await change(FAILED), [{ code: 'E_IO', text: 'talk.wav: the disk' }]);
  assert.deepEqual(await change("error_message = 'the other disk'"), [
    { code: 'E_IO', text: 'the other disk' },
  ]);
});

test('faults without an error are cleared', async () => {
  const { change } = await startTask();
  assert.deepEqual(await change(set(FAULTS)), []);
});

test('anything but a list is refused, with the name of the rule', async () => {
  const { change } = await startTask();
  await change(FAILED);
  await assert.rejects(change("faults = '{}'"), { constraint: 'faults_is_a_list' });
});

test.run();
