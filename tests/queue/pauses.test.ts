import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('pauses in the database');
let database: TestDatabase;
let sql: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  await sql.query(`
    INSERT INTO instances (id, host, pid, version, slots) VALUES ('one', 'lab', 1, '1', 2), ('two', 'lab', 2, '1', 2);
    INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
    VALUES ('m', 'ann', 'engUS_MFA1_v010', 'ann/upl/m', 'uploaded'), ('s', 'ben', 'engUS_SPHINX_v010', 'ben/upl/s', 'uploaded')`);
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

/** Which task an instance would take, without some engines. */
async function next(instance: string | null, without = '{}'): Promise<string | null> {
  const { rows } = await sql.query(
    'SELECT (SELECT task_id FROM tasks WHERE job_id = found.id) AS task FROM find_next_job($2, $1) AS found (id)',
    [instance, without],
  );
  return rows[0].task;
}

for (const [what, pause, taken] of [
  ['nothing', "DELETE FROM pauses WHERE engine = 'none'", ['m', 'm', 's']],
  ['all tasks', 'INSERT INTO pauses (reason) VALUES (NULL)', [null, null, null]],
  ['an engine', "INSERT INTO pauses (engine) VALUES ('MFA1')", ['s', 's', 's']],
  ['the other engine too', "INSERT INTO pauses (engine) VALUES ('MFA1'), ('SPHINX')", [null, null, null]],
  ['a worker', "INSERT INTO pauses (instance) VALUES ('one')", [null, 'm', 's']],
  ['an engine on a worker', "INSERT INTO pauses (engine, instance) VALUES ('MFA1', 'one')", ['s', 'm', 's']],
  ['a worker that drains', "INSERT INTO pauses (instance, is_drain) VALUES ('one', true)", [null, 'm', 's']],
] as const) {
  test(`a claim leaves what is paused: ${what}`, async () => {
    await sql.query(pause);
    assert.deepEqual([await next('one'), await next('two'), await next('two', '{MFA1}')], taken);
    // A claim as in an earlier version of the worker, which does not name its instance.
    const { rows } = await sql.query("SELECT find_next_job('{}'::text[]) IS NOT NULL AS found");
    assert.deepEqual(rows, [{ found: taken[1] !== null }]);
  });
}

test('the database itself records who paused it and when, and the view shows pauses of running workers', async () => {
  await sql.query("INSERT INTO pauses (instance) VALUES ('one'), ('two')");
  await sql.query("UPDATE instances SET stopped_at = now() WHERE id = 'two'");
  const { rows } = await sql.query(
    'SELECT instance, host, paused_by = session_user AS by, paused_at = now() AS now FROM current_pauses',
  );
  assert.deepEqual(rows, [{ instance: 'one', host: 'lab', by: true, now: true }]);
  await sql.query("DELETE FROM instances WHERE id = 'two'");
  assert.equal((await sql.query('SELECT FROM pauses')).rowCount, 1);
});

for (const [values, refusal] of [
  ["(engine) VALUES ('mfa1')", 'pause_engine_is_in_capitals'],
  ["(instance) VALUES ('three')", 'pauses_instance_fkey'],
  ['(is_drain) VALUES (true)', 'drain_is_of_one_instance'],
  ["(engine) VALUES ('MFA1'), ('MFA1')", 'pause_is_there_once'],
  ["(reason) VALUES ('a'), ('b')", 'pause_is_there_once'],
] as const) {
  test(`a pause without a meaning is refused: ${values}`, async () => {
    await assert.rejects(sql.query(`INSERT INTO pauses ${values}`), { constraint: refusal });
  });
}

test.run();
