import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('statements that change many tasks at once');
const COUNT = 300;
const CLAIMED = `task_status = 'processing', fence = fence + 1, attempts = attempts + 1, instance = 'one', stage = 'prepare',
  started_at = now()`;
let database: TestDatabase;
let sql: pg.Client;

test.before.each(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  await sql.query(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status)
     SELECT 'user' || n % 7, 'engUS_TRIVIAL_v010', 'a/upl/x', 'uploaded' FROM generate_series(1, $1::int) AS n`,
    [COUNT],
  );
});
test.after.each(async () => {
  await sql.end();
  await database.drop();
});

test('record the history of each task completely and in order, whatever happens to the others', async () => {
  await sql.query(`UPDATE tasks SET ${CLAIMED} WHERE id % 3 = 0`);
  await sql.query("UPDATE tasks SET stage = 'align', progress = 0.1 WHERE id % 3 = 0");
  // Waiting tasks are cancelled, running tasks fail, and every fifth task only gets another priority.
  await sql.query(`
    UPDATE tasks SET
      cancel_requested = id % 3 <> 0 AND id % 5 <> 0,
      task_status = CASE WHEN id % 3 = 0 AND id % 5 <> 0 THEN 'failed' ELSE task_status END,
      error_code = CASE WHEN id % 3 = 0 AND id % 5 <> 0 THEN 'E_IO' END,
      error_message = CASE WHEN id % 3 = 0 AND id % 5 <> 0 THEN 'disk ' || id END,
      priority = 1`);
  await sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_status IN ('failed', 'cancelled')");
  assert.deepEqual(await readHistories(), {
    // A number that neither 3 nor 5 divides.
    waited: [
      [null, 'uploaded'],
      ['uploaded', 'cancelled', 'cancelled by request'],
      ['cancelled', 'uploaded'],
    ],
    ran: [
      [null, 'uploaded'],
      ['uploaded', 'processing', null, 'prepare'],
      ['processing', 'processing', null, 'align'],
      ['processing', 'failed', 'E_IO: disk ID', 'align'],
      ['failed', 'uploaded', null, 'align'],
    ],
    'waited, moved': [[null, 'uploaded']],
    'ran, moved': [
      [null, 'uploaded'],
      ['uploaded', 'processing', null, 'prepare'],
      ['processing', 'processing', null, 'align'],
    ],
  });
  const { rows } = await sql.query(`
    SELECT stage, outcome, count(*)::int AS tasks FROM task_stages GROUP BY stage, outcome ORDER BY stage, outcome`);
  const ran = COUNT / 3;
  assert.deepEqual(rows, [
    { stage: 'align', outcome: 'failed', tasks: (ran * 4) / 5 },
    { stage: 'align', outcome: null, tasks: ran / 5 },
    { stage: 'prepare', outcome: 'done', tasks: ran },
  ]);
});

test('record what became of each attempt that is taken over, ended or handed back', async () => {
  await sql.query(`UPDATE tasks SET ${CLAIMED} WHERE id <= 4`);
  await sql.query('INSERT INTO attempt_deaths (task, claim) SELECT id, claim FROM tasks WHERE id = 1');
  await sql.query(`
    UPDATE tasks SET
      fence = CASE WHEN id <= 2 THEN fence + 1 ELSE fence END,
      instance = CASE WHEN id <= 2 THEN 'two' ELSE instance END,
      task_status = CASE WHEN id = 3 THEN 'uploaded' ELSE task_status END,
      attempts = CASE WHEN id = 3 THEN attempts - 1 ELSE attempts END,
      status_note = CASE WHEN id = 3 THEN 'handed back' END,
      stage = CASE WHEN id = 4 THEN 'package' ELSE stage END
    WHERE id <= 4`);
  const events = await sql.query(`
    SELECT DISTINCT ON (task) task::int, to_status, fence, instance, note FROM task_events WHERE task <= 4 ORDER BY task, id DESC`);
  const takenOver = 'taken over: instance one went silent in prepare';
  assert.deepEqual(events.rows, [
    { task: 1, to_status: 'processing', fence: 2, instance: 'two', note: `${takenOver}, crash 1` },
    {
      task: 2,
      to_status: 'processing',
      fence: 2,
      instance: 'two',
      note: `${takenOver}; not known to have died`,
    },
    { task: 3, to_status: 'uploaded', fence: 1, instance: 'one', note: 'handed back' },
    { task: 4, to_status: 'processing', fence: 1, instance: 'one', note: null },
  ]);
  const stages = await sql.query(
    'SELECT task::int, fence, stage, outcome FROM task_stages ORDER BY task, fence, stage DESC',
  );
  assert.deepEqual(
    stages.rows.map(({ task, fence, stage, outcome }) => [task, fence, stage, outcome]),
    [
      [1, 1, 'prepare', 'lost'],
      [1, 2, 'prepare', null],
      [2, 1, 'prepare', 'lost'],
      [2, 2, 'prepare', null],
      [3, 1, 'prepare', 'handed back'],
      [4, 1, 'prepare', 'done'],
      [4, 1, 'package', null],
    ],
  );
});

test('clear deaths and take-overs of tasks that are tried again, and keep those of the others', async () => {
  await sql.query(`UPDATE tasks SET ${CLAIMED} WHERE id <= 20`);
  await sql.query(`UPDATE tasks SET ${CLAIMED.replace("'one'", "'two'")} WHERE id <= 20`);
  await sql.query('INSERT INTO attempt_deaths (task, claim) SELECT id, claim FROM tasks WHERE id <= 20');
  await sql.query("UPDATE tasks SET task_status = 'cancelled' WHERE id <= 10");
  await sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_status = 'cancelled'");
  const { rows } = await sql.query(`
    SELECT (SELECT count(*)::int FROM task_takeovers) AS takeovers, (SELECT min(task)::int FROM task_takeovers) AS first,
           (SELECT count(*)::int FROM attempt_deaths) AS deaths, (SELECT min(task)::int FROM attempt_deaths) AS "firstDeath"`);
  assert.deepEqual(rows, [{ takeovers: 10, first: 11, deaths: 10, firstDeath: 11 }]);
});

test('make one job that waits for each task that is tried again', async () => {
  await sql.query('UPDATE tasks SET cancel_requested = true');
  await sql.query("UPDATE tasks SET task_status = 'uploaded'");
  const { rows } = await sql.query(`
    SELECT state, count(*)::int AS jobs, count(tasks.id)::int AS tasks
    FROM pgboss.job LEFT JOIN tasks ON tasks.job_id = job.id GROUP BY state ORDER BY state`);
  assert.deepEqual(rows, [
    { state: 'created', jobs: COUNT, tasks: COUNT },
    { state: 'cancelled', jobs: COUNT, tasks: 0 },
  ]);
});

test('are refused as a whole, with the name of the row, if one of the rows may not change like that', async () => {
  await sql.query("UPDATE tasks SET task_status = 'expired', task_id = 'the-one' WHERE id = 150");
  const before = await readAll();
  await assert.rejects(sql.query("UPDATE tasks SET cancel_requested = true, task_status = 'cancelled'"), {
    code: '23514',
    constraint: 'status_edge_allowed',
    message: 'task the-one cannot go from expired to cancelled',
  });
  await assert.rejects(
    sql.query(`INSERT INTO tasks (user_uuid, lang, task_path, task_status)
      SELECT 'ann', 'x', 'a/upl/x', CASE n WHEN 150 THEN 'failed' ELSE 'uploaded' END FROM generate_series(1, 300) AS n`),
    {
      code: '23514',
      constraint: 'status_starts_at_upload',
      message: 'a task starts as uploading or uploaded, not as failed',
    },
  );
  assert.deepEqual(await readAll(), before);
});

test.run();

type Event = readonly (string | null)[];

/** The events of the tasks of each kind, which all must be the same: from, to, note and stage. */
async function readHistories(): Promise<Record<string, readonly Event[]>> {
  const { rows } = await sql.query<{ id: number; events: Event[] }>(`
    SELECT task::int AS id, json_agg(json_build_array(from_status, to_status, note, stage) ORDER BY id) AS events
    FROM task_events GROUP BY task`);
  assert.equal(rows.length, COUNT);
  const histories: Record<string, readonly Event[]> = {};
  for (const { id, events } of rows) {
    const kind = `${id % 3 === 0 ? 'ran' : 'waited'}${id % 5 === 0 ? ', moved' : ''}`;
    const found = events.map((event) => {
      const said = event.map((value) => value?.replace(String(id), 'ID') ?? null);
      while (said.at(-1) === null) said.pop();
      return said;
    });
    histories[kind] ??= found;
    assert.deepEqual(found, histories[kind], `task ${id}`);
  }
  return histories;
}

async function readAll(): Promise<unknown> {
  const { rows } = await sql.query(`
    SELECT (SELECT json_agg(tasks ORDER BY id) FROM tasks) AS tasks,
           (SELECT json_agg(task_events ORDER BY id) FROM task_events) AS events,
           (SELECT json_agg(job ORDER BY id) FROM pgboss.job) AS jobs`);
  return rows;
}
