import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import { migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const MANY = Array.from({ length: 1001 }, (_, index) => ({
  code: 'W_INTERVAL_SHORT',
  message: `talk.TextGrid tier "\u00e5sa" interval ${index + 1} (2.00 s): too short`,
  file: 'talk.TextGrid',
  tier: '\u00e5sa',
  interval: index + 1,
  timeSec: 2,
}));

const test = suite('rows from before findings were data');
let server: TestDatabase;
let admin: pg.Client;
let name: string;
let url: string;
let sql: pg.Client;

test.before(async () => {
  server = await createTestDatabase();
  admin = new pg.Client(server.url);
  await admin.connect();
});
test.before.each(async () => {
  name = `autophon_test_${Math.floor(Date.now() / 1000)}_${randomBytes(6).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  url = Object.assign(new URL(server.url), { pathname: `/${name}` }).href;
  sql = new pg.Client(url);
  await sql.connect();
  await migrateToEarlier();
});
test.after.each(async () => {
  await sql.end();
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
});
test.after(async () => {
  await admin.end();
  await server.drop();
});

test('warnings and errors that are stored get the present shape, and nothing else of their rows changes', async () => {
  const completed = "task_status = 'completed', download_path = 'ann/otp/x.zip'";
  const rows: readonly (readonly [id: string, warnings: unknown, faults: unknown])[] = [
    [await addTask(), [], []],
    [await addTask(completed), [], []],
    [await addTask(`${completed}, warnings = NULL`), [], []],
    [
      await addTask(`${completed}, warnings = $1`, JSON.stringify(MANY)),
      MANY.map(({ code, message }) => ({ code, text: message })),
      [],
    ],
    [
      await addTask(
        "task_status = 'failed', error_code = 'E_IO', error_message = $1",
        'a.wav: one\nb.wav: two',
      ),
      [],
      [{ code: 'E_IO', text: 'a.wav: one\nb.wav: two' }],
    ],
    [
      await addTask("task_status = 'failed', error_code = 'E_IO', error_message = $1", 'x'.repeat(5000)),
      [],
      [{ code: 'E_IO', text: 'x'.repeat(2000) }],
    ],
    [
      await addTask("task_status = 'uploaded', error_code = 'E_DISK_FULL', error_message = NULL"),
      [],
      [{ code: 'E_DISK_FULL', text: '' }],
    ],
  ];
  const before = await theRest();
  assert.equal((await migrateNow())[0], '0007_faults.sql');
  const after = await sql.query('SELECT id, warnings, faults FROM tasks ORDER BY id');
  assert.deepEqual(
    after.rows.map(({ id, warnings, faults }) => [id, warnings, faults]),
    rows,
  );
  assert.deepEqual(await theRest(), before);
});

test('a worker of an earlier version that still runs writes them in its shape, and the row has the present one', async () => {
  const id = await addTask("task_status = 'uploaded'");
  await migrateNow();
  await claim(id);
  const present = { code: 'W_MARKERS', text: 'markers', place: { file: 'talk.TextGrid' } };
  const write = (warnings: unknown) =>
    sql.query(
      `UPDATE tasks SET task_status = 'completed', download_path = 'x.zip', warnings = $2 WHERE id = $1 RETURNING warnings`,
      [id, JSON.stringify(warnings)],
    );
  await assert.rejects(write({ message: 'no list' }), { constraint: 'warnings_is_a_list' });
  const { rows } = await write([...MANY.slice(0, 2), present]);
  assert.deepEqual(rows[0].warnings, [
    ...MANY.slice(0, 2).map(({ code, message }) => ({ code, text: message })),
    present,
  ]);
});

test.run();

/** The state in which the version before migration 0007 left a database. */
async function migrateToEarlier(): Promise<void> {
  await install();
  await sql.query(
    'CREATE TABLE schema_migrations (name text PRIMARY KEY, checksum text, applied_at timestamptz)',
  );
  const files = globSync('migrations/000[1-6]_*.sql', { cwd: ROOT_DIR }).sort();
  for (const file of [...files, 'src/queue/queue.sql']) {
    const text = readFileSync(path.join(ROOT_DIR, file), 'utf8');
    await sql.query(`BEGIN; SET LOCAL search_path = public, pg_temp; ${text}; COMMIT`);
    if (!files.includes(file)) continue;
    const checksum = createHash('sha256').update(text).digest('hex');
    await sql.query('INSERT INTO schema_migrations VALUES ($1, $2, now())', [path.basename(file), checksum]);
  }
  // The current functions look for jobs in current tables. The migration enables them again.
  for (const trigger of ['queue_inserted_tasks', 'follow_updated_tasks'])
    await sql.query(`ALTER TABLE tasks DISABLE TRIGGER ${trigger}`);
}

function install(): Promise<void> {
  return installQueue(url, { leaseSec: 50 });
}

async function migrateNow(): Promise<readonly string[]> {
  return (await migrate(url, install)).applied;
}

/**
 * @param ending - the columns that the end of its attempt sets; null: it waits for its first attempt
 * @returns its id
 */
async function addTask(ending: string | null = null, value?: string): Promise<string> {
  const { rows } = await sql.query<{ id: string }>(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status)
     VALUES ('ann', 'engUS_SPHINX_v010', 'ann/upl/x', 'uploaded') RETURNING id`,
  );
  const id = rows[0]?.id ?? '';
  if (ending === null) return id;
  await claim(id);
  await sql.query(`UPDATE tasks SET ${ending} WHERE id = ${id}`, value === undefined ? [] : [value]);
  return id;
}

async function claim(id: string): Promise<void> {
  await sql.query(
    `UPDATE tasks SET task_status = 'processing', fence = fence + 1, attempts = attempts + 1, instance = 'one',
       started_at = now() WHERE id = $1`,
    [id],
  );
}

/** All columns of the tasks except their findings and what a later migration adds. */
async function theRest(): Promise<unknown> {
  const tasks = await sql.query(
    "SELECT to_jsonb(tasks) - '{warnings,faults,formats,columns,channels,name,not_before,notify_url,request_hash,traceparent}'::text[] AS task FROM tasks ORDER BY id",
  );
  const events = await sql.query('SELECT * FROM task_events ORDER BY id');
  return [tasks.rows, events.rows];
}
