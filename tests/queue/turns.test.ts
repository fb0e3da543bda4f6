import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

/**
 * The rules of turns are written for one row, but triggers see all rows of a statement at once. Both must have the same
 * result.
 */
const test = suite('turns of many rows');
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

interface Row {
  readonly name: string;
  readonly user: string;
  readonly engine: string | null;
  readonly priority: number;
}

const ROUNDS = 30;
const random = seeded(20_261_128);
const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

function someRows(round: number, count: number): Row[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `r${round}n${n}`,
    user: oneOf(['ann', 'bob', 'cid', 'dan']),
    engine: oneOf(['MFA1', 'SPHINX', 'FAVE']),
    priority: oneOf([0, 0, 0, 5, -3]),
  }));
}

async function queue(rows: readonly Row[], prefix: string): Promise<void> {
  await sql.query(
    `INSERT INTO tasks (task_id, user_uuid, engine, priority, lang, task_path, task_status)
     SELECT $1 || name, $1 || "user", $1 || engine, priority, 'engUS_X_v010', 'a/upl/x', 'uploaded'
     FROM jsonb_to_recordset($2) AS rows (name text, "user" text, engine text, priority integer)`,
    [prefix, JSON.stringify(rows)],
  );
}

/** Lets some jobs run and some end, as a worker does. */
async function work(prefix: string, running: number, ended: number): Promise<void> {
  await sql.query(
    `WITH next AS (
       SELECT id FROM pgboss.job WHERE state = 'created' AND starts_with(data ->> 'user', $1)
       ORDER BY priority DESC, data ->> 'user', (data ->> 'id')::bigint LIMIT $2)
     UPDATE pgboss.job SET state = 'active' FROM next WHERE job.id = next.id`,
    [prefix, running],
  );
  await sql.query(
    `WITH done AS (
       SELECT id FROM pgboss.job WHERE state = 'active' AND starts_with(data ->> 'user', $1)
       ORDER BY priority DESC, data ->> 'user', (data ->> 'id')::bigint LIMIT $2)
     UPDATE pgboss.job SET state = 'completed' FROM done WHERE job.id = done.id`,
    [prefix, ended],
  );
}

async function readPlaces(prefix: string): Promise<[string, number][]> {
  const { rows } = await sql.query<{ name: string; priority: number }>(
    `SELECT substr(task_id, 2) AS name, job.priority FROM tasks JOIN pgboss.job ON job.id = tasks.job_id
     WHERE starts_with(task_id, $1) ORDER BY tasks.id`,
    [prefix],
  );
  return rows.map(({ name, priority }) => [name, priority]);
}

test('rows of one statement get the same turns as rows that come one after the other', async () => {
  await sql.query('ALTER TABLE pgboss.job DISABLE TRIGGER USER');
  for (let round = 0; round < ROUNDS; round++) {
    const rows = someRows(round, 1 + Math.floor(random() * 12));
    // When the second half is queued, nothing of the first half runs. The halves differ in user and engine, not in
    // priority.
    await alone('s', async () => {
      await queue(rows, 's');
    });
    await alone('o', async () => {
      for (const row of rows) await queue([row], 'o');
    });
    assert.deepEqual(await readPlaces('s'), await readPlaces('o'));
    const [running, ended] = [Math.floor(random() * 4), Math.floor(random() * 3)];
    await work('s', running, ended);
    await work('o', running, ended);
  }
});

/** Hides the running jobs of the other half, because running jobs of every engine count. */
async function alone(prefix: string, run: () => Promise<void>): Promise<void> {
  const change = (from: string, to: string) =>
    sql.query(`UPDATE pgboss.job SET state = $2 WHERE state = $1 AND NOT starts_with(data ->> 'user', $3)`, [
      from,
      to,
      prefix,
    ]);
  await change('active', 'failed');
  await run();
  await change('failed', 'active');
}

test('a changed priority gives many rows the same turns as rows changed one after the other', async () => {
  const rows = someRows(0, 40);
  await queue(rows, 's');
  await queue(rows, 'o');
  await sql.query("UPDATE tasks SET priority = 9 WHERE starts_with(task_id, 's')");
  for (const { name } of rows)
    await sql.query('UPDATE tasks SET priority = 9 WHERE task_id = $1', [`o${name}`]);
  assert.deepEqual(await readPlaces('s'), await readPlaces('o'));
});

test('a running task that is queued again by hand keeps its turn', async () => {
  await sql.query(`INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    SELECT 't' || n, 'ann', 'engUS_SPHINX_v010', 'a/upl/x', 'uploaded' FROM generate_series(1, 4) AS n`);
  const before = await readPlaces('t');
  await sql.query(`UPDATE tasks SET task_status = 'processing', fence = fence + 1, instance = 'i', started_at = now()
    WHERE task_id = 't2'`);
  await sql.query(
    "UPDATE pgboss.job SET state = 'active' WHERE id = (SELECT job_id FROM tasks WHERE task_id = 't2')",
  );
  await sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE task_id = 't2'");
  assert.deepEqual(await readPlaces('t'), before);
});

test('INSERT with ON CONFLICT, COPY and a statement without rows queue exactly the rows that they change', async () => {
  const upsert = `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    SELECT 't' || n, 'ann', 'engUS_SPHINX_v010', 'a/upl/x', 'uploaded' FROM generate_series(1, 3) AS n
    ON CONFLICT (task_id) DO UPDATE SET priority = 3`;
  await sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('t2', 'ann', 'engUS_SPHINX_v010', 'a/upl/x', 'uploaded')",
  );
  await sql.query(upsert);
  const priorities = new Map(await readPlaces('t'));
  assert.deepEqual([priorities.size, priorities.get('2')], [3, 3 * 2_000_000]);
  await sql.query("INSERT INTO tasks (user_uuid) SELECT 'x' WHERE false");
});

test('the limit holds for all rows of one statement together', async () => {
  await sql.query('UPDATE limits SET user_open_tasks = 2');
  try {
    const many = `INSERT INTO tasks (user_uuid, lang, task_path, task_status)
      SELECT 'ann', 'engUS_SPHINX_v010', 'a/upl/x', 'uploaded' FROM generate_series(1, 3)`;
    await assert.rejects(sql.query(many), { constraint: 'user_open_tasks_limited' });
  } finally {
    await sql.query('UPDATE limits SET user_open_tasks = 10000');
  }
});

test('the limit is exact for a user with many tasks in several priorities', async () => {
  await sql.query('UPDATE limits SET user_open_tasks = 500');
  try {
    const insert = (count: number) =>
      sql.query(
        `INSERT INTO tasks (user_uuid, lang, task_path, task_status, priority)
         SELECT 'ann', 'engUS_SPHINX_v010', 'a/upl/x', 'uploaded', n % 7 FROM generate_series(1, $1) AS n`,
        [count],
      );
    await insert(300);
    await insert(199);
    await insert(1);
    await assert.rejects(insert(1), { constraint: 'user_open_tasks_limited' });
  } finally {
    await sql.query('UPDATE limits SET user_open_tasks = 10000');
  }
});

test.run();

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
