import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('the time left of tasks');
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
});
test.before.each(async () => {
  await sql.query('BEGIN');
});
test.after.each(async () => {
  await sql.query('ROLLBACK');
});
test.after(async () => {
  await sql.end();
  await database.drop();
});

test('before any task was completed, only the progress of a task gives an estimate', async () => {
  await add('waiting');
  await run('early', { share: 0.01, elapsedSec: 100 });
  await run('half', { share: 0.5, elapsedSec: 100 });
  await sql.query('SELECT learn_times()');
  assert.deepEqual(await leftOf('waiting', 'early', 'half'), [null, null, 100]);
});

test('a task takes as long for each second of audio as others of its language and length', async () => {
  // In a short task, the fixed cost of a task has a larger share: 2 s, and half a second for each second of audio.
  for (const audioSec of [4, 4, 5, 60, 64, 70]) await complete({ audioSec, runSec: 2 + audioSec / 2 });
  for (const audioSec of [10, 20, 30])
    await complete({ audioSec, runSec: 5 * audioSec, lang: 'fraFR_TRIVIAL_v010' });
  await sql.query('SELECT learn_times()');
  const expected = async (lang: string, audioSec: number | null, bytes: number | null) =>
    Number(
      (await sql.query(`SELECT run_sec FROM expected_run('TRIVIAL', $1, $2, $3)`, [lang, audioSec, bytes]))
        .rows[0].run_sec,
    );
  const english = 'engUS_TRIVIAL_v010';
  assert.ok(Math.abs((await expected(english, 4, null)) - 4) < 0.5);
  assert.ok(Math.abs((await expected(english, 64, null)) - 34) < 2);
  assert.equal(await expected('fraFR_TRIVIAL_v010', 1000, null), 5000);
  // 32,000 bytes are one second.
  assert.equal(await expected('fraFR_TRIVIAL_v010', null, 3_200_000), 500);
  assert.equal(await expected('fraFR_TRIVIAL_v010', null, null), 100);
  // A language that was never used gets the estimate of its engine.
  assert.ok((await expected('spaES_TRIVIAL_v010', 100, null)) > 50);
  assert.equal((await sql.query("SELECT FROM expected_run('NONE', 'x', 1, 1)")).rowCount, 0);
});

test('a running task counts down, trusts its own progress more and more, and never says that it is over', async () => {
  for (let n = 0; n < 3; n++) await complete({ audioSec: 10, runSec: 100 });
  await sql.query('SELECT learn_times()');
  const cases = [
    [{ share: 0, elapsedSec: 30 }, 70],
    [{ share: 0.5, elapsedSec: 50 }, 50],
    // Twice as slow as expected. The estimate trusts that only near the end.
    [{ share: 0.1, elapsedSec: 20 }, 81],
    [{ share: 0.9, elapsedSec: 180 }, 23.04],
    [{ share: 1, elapsedSec: 180 }, 0],
    [{ share: 0, elapsedSec: 200 }, 40],
  ] as const;
  for (const [index, [state, left]] of cases.entries()) {
    await run(`case-${index}`, { ...state, audioSec: 10 });
    const [found] = await leftOf(`case-${index}`);
    assert.ok(Math.abs((found ?? 0) - left) < 1, `${JSON.stringify(state)}: ${found}`);
  }
  const { rows } = await sql.query('SELECT task_id, left_sec::int FROM running_tasks WHERE task_id = $1', [
    'case-0',
  ]);
  assert.deepEqual(rows, [{ task_id: 'case-0', left_sec: 70 }]);
});

test('a waiting task waits for the slots that can run it: for those that run, and those before it', async () => {
  for (let n = 0; n < 3; n++) await complete({ audioSec: 10, runSec: 100 });
  await sql.query('SELECT learn_times()');
  await addWorker('one', 2);
  await add('a', 'b', 'c');
  assert.deepEqual(await leftOf('a', 'b', 'c'), [100, 100, 175]);
  await run('r1', { share: 0, elapsedSec: 40, audioSec: 10 });
  await run('r2', { share: 0, elapsedSec: 60, audioSec: 10 });
  assert.deepEqual(await leftOf('a', 'b'), [125, 175]);
  const { rows } = await sql.query("SELECT ahead, start_sec::int FROM forecast_tasks('{b}')");
  assert.deepEqual(rows, [{ ahead: 1, start_sec: 75 }]);
});

test('no time is given while nothing can take the task: no worker, a paused one, or one without its engine', async () => {
  for (let n = 0; n < 3; n++) await complete({ audioSec: 10, runSec: 100 });
  await sql.query('SELECT learn_times()');
  await add('a');
  assert.deepEqual(await leftOf('a'), [null]);
  // Like that of "autophon process": a worker without slots.
  await addWorker('none', 0);
  assert.deepEqual(await leftOf('a'), [null]);
  await addWorker('one', 2);
  assert.deepEqual(await leftOf('a'), [100]);
  for (const pause of ["(engine) VALUES ('TRIVIAL')", "(instance) VALUES ('one')"]) {
    await sql.query('SAVEPOINT open');
    await sql.query(`INSERT INTO pauses ${pause}`);
    assert.deepEqual(await leftOf('a'), [null], pause);
    await sql.query('ROLLBACK TO open');
  }
  await sql.query(`UPDATE instances SET engines = '{"TRIVIAL": {"state": "sick"}}'`);
  assert.deepEqual(await leftOf('a'), [null]);
});

test('a task for later has its own time before it', async () => {
  for (let n = 0; n < 3; n++) await complete({ audioSec: 10, runSec: 100 });
  await sql.query('SELECT learn_times()');
  await addWorker('one', 2);
  await add('a');
  await sql.query("UPDATE tasks SET not_before = now() + interval '1000 seconds' WHERE task_id = 'a'");
  assert.deepEqual(await leftOf('a'), [1100]);
});

test('learned times are replaced by those of newer tasks, and kept where there are none', async () => {
  for (let n = 0; n < 3; n++) await complete({ audioSec: 10, runSec: 100 });
  await sql.query('SELECT learn_times()');
  await sql.query("DELETE FROM tasks; UPDATE learned_times SET learned_at = now() - interval '80 days'");
  await complete({ audioSec: 10, runSec: 30, lang: 'fraFR_TRIVIAL_v010' });
  await sql.query('SELECT learn_times()');
  const { rows } = await sql.query(
    "SELECT lang, run_sec::int FROM learned_times WHERE length_class IS NULL AND lang <> '' ORDER BY lang",
  );
  assert.deepEqual(rows, [
    { lang: 'engUS_TRIVIAL_v010', run_sec: 100 },
    { lang: 'fraFR_TRIVIAL_v010', run_sec: 30 },
  ]);
  await sql.query("UPDATE learned_times SET learned_at = now() - interval '91 days'");
  await sql.query('SELECT learn_times()');
  assert.equal((await sql.query("SELECT FROM learned_times WHERE lang LIKE 'eng%'")).rowCount, 0);
});

test.run();

async function add(...taskIds: string[]): Promise<void> {
  for (const taskId of taskIds)
    await sql.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
       VALUES ($1, 'ann', 'engUS_TRIVIAL_v010', 'a/upl/x', 'uploaded')`,
      [taskId],
    );
}

interface Running {
  readonly share: number;
  readonly elapsedSec: number;
  readonly audioSec?: number;
}

async function run(taskId: string, { share, elapsedSec, audioSec }: Running): Promise<void> {
  await add(taskId);
  await sql.query(
    "UPDATE pgboss.job SET state = 'active' WHERE id = (SELECT job_id FROM tasks WHERE task_id = $1)",
    [taskId],
  );
  await sql.query(
    `UPDATE tasks SET task_status = 'processing', fence = 1, instance = 'one', stage = 'align', progress = $2,
       audio_seconds = $4, started_at = now() - $3 * interval '1 second' WHERE task_id = $1`,
    [taskId, share, elapsedSec, audioSec ?? null],
  );
}

/** A task that has run. */
async function complete({
  audioSec,
  runSec,
  lang = 'engUS_TRIVIAL_v010',
}: {
  readonly audioSec: number;
  readonly runSec: number;
  readonly lang?: string;
}): Promise<void> {
  await sql.query('SET LOCAL session_replication_role = replica');
  await sql.query(
    `WITH done AS (
       INSERT INTO tasks (user_uuid, lang, engine, task_path, task_status, fence, instance, started_at, finished_at, download_path,
                          audio_seconds, size_bytes)
       VALUES ('ann', $1, 'TRIVIAL', 'a/upl/x', 'completed', 1, 'one', now(), now(), 'a/otp/x.zip', $2::float8, $2::float8 * 32000)
       RETURNING id)
     INSERT INTO task_stages (task, fence, stage, started_at, finished_at, outcome)
     SELECT id, 1, stage, now() - sec * interval '1 second', now(), 'done'
     FROM done CROSS JOIN (VALUES ('prepare', $3::float8 * 0.1), ('align', $3::float8 * 0.9), ('cleanup', 999)) AS stages (stage, sec)`,
    [lang, audioSec, runSec],
  );
  await sql.query('SET LOCAL session_replication_role = origin');
}

async function addWorker(id: string, slots: number): Promise<void> {
  await sql.query(
    `INSERT INTO instances (id, host, pid, version, slots, engines)
     VALUES ($1, 'lab', 7, '1', $2, '{"TRIVIAL": {"state": "ready", "version": "1", "note": ""}}')`,
    [id, slots],
  );
}

async function leftOf(...taskIds: string[]): Promise<(number | null)[]> {
  const { rows } = await sql.query('SELECT task_id, left_sec FROM forecast_tasks($1)', [taskIds]);
  return taskIds.map((taskId) => {
    const left = rows.find(({ task_id }) => task_id === taskId)?.left_sec ?? null;
    return left === null ? null : Math.round(left);
  });
}
