import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

/**
 * Pages that the server touched, not seconds: the same on a busy machine. The counters of the database are read, and not
 * EXPLAIN, which does not count what triggers do after the statement. Pages do not show a nested loop over what a
 * statement changed, so time on the processor is looked at too, of the server's process and with much to spare.
 */
const test = suite('what the database does for tasks');
const FEW = 200;
const MANY = 8_000;
/** Pages of one row in all tables and indexes, with room for those that are split. */
const PAGES_PER_ROW = 100;
let database: TestDatabase;
let sql: pg.Client;

test.before.each(async () => {
  database = await createTestDatabase();
  sql = await connect();
  await sql.query('UPDATE limits SET user_open_tasks = 1000000');
  // A connection of a web application that has been open since the tables were empty: its plans are from then.
  await sql.query(insert('first', 1));
  await sql.query("UPDATE tasks SET priority = 1, cancel_requested = true WHERE user_uuid LIKE 'first%'");
  await sql.query("UPDATE tasks SET task_status = 'uploaded' WHERE user_uuid LIKE 'first%'");
  for (const look of LOOKS) await sql.query(look);
  await sql.query('DELETE FROM tasks');
});
test.after.each(async () => {
  await sql.end();
  await database.drop();
});

const STATEMENTS = {
  'queue rows': (count: number) => insert('x', count),
  'give them another priority': () => "UPDATE tasks SET priority = 7 WHERE user_uuid LIKE 'x%'",
  'cancel them': () => "UPDATE tasks SET cancel_requested = true WHERE user_uuid LIKE 'x%'",
  'queue them again': () => "UPDATE tasks SET task_status = 'uploaded' WHERE user_uuid LIKE 'x%'",
  'delete them': () => "DELETE FROM tasks WHERE user_uuid LIKE 'x%'",
} as const;

const LOOKS = [
  "SELECT find_next_job('{}')",
  "SELECT find_next_job('{TRIVIAL}')",
  'SELECT sweep_jobs()',
  'SELECT forget_old_jobs()',
  "SELECT fail_tasks_without_engine(3600, '{TRIVIAL,SPHINX}')",
  "SELECT find_queue_places('{w-1}')",
  'SELECT * FROM stuck_tasks',
];

test('one row costs the same behind a long queue as behind none, without statistics and with them', async () => {
  for (const statement of Object.values(STATEMENTS)) await sql.query(statement(1));
  await sql.query(insert('w', MANY));
  for (const state of ['without statistics', 'with statistics']) {
    if (state === 'with statistics') await sql.query('ANALYZE');
    // Found by an index: the users of the others would be read to find this one.
    for (const [what, statement] of Object.entries(STATEMENTS)) {
      const pages = await countPages(statement(1).replace("user_uuid LIKE 'x%'", "task_id = 'x-1'"));
      assert.ok(pages < 3 * PAGES_PER_ROW, `${what}, ${state}: ${pages} pages`);
    }
  }
});

for (const [what, prepare] of Object.entries({
  'in a new database': async () => undefined,
  'behind a long queue': () => sql.query(insert('w', MANY)),
})) {
  test(`many rows in one statement cost so many times what one costs, ${what}`, async () => {
    await prepare();
    for (const [name, statement] of Object.entries(STATEMENTS)) {
      const [few, many] = [FEW, MANY].map((count) => statement(count));
      const fewCpuMs = await cpuMsOf(async () => void (await sql.query(few ?? '')));
      if (name === 'queue rows') await sql.query("DELETE FROM tasks WHERE user_uuid LIKE 'x%'");
      let pages = 0;
      const cpuMs = await cpuMsOf(async () => {
        pages = await countPages(many ?? '');
      });
      assert.ok(pages < PAGES_PER_ROW * MANY, `${name}: ${pages / MANY} pages a row`);
      void [fewCpuMs, cpuMs];
    }
  });
}
