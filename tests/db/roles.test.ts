import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase } from '../../testing/database.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { plain, tableRows } from '../docs/markdown.ts';

const NOT_ALLOWED = '42501';
const DATABASE_PAGE = path.resolve(import.meta.dirname, '../../docs/database.md');
const ROLES_SQL = path.resolve(import.meta.dirname, '../../scripts/sql/roles.sql');

const test = suite('roles of scripts/sql/roles.sql');
const suffix = randomBytes(4).toString('hex');
const worker = `autophon_test_worker_${suffix}`;
const web = `autophon_test_web_${suffix}`;
const password = randomBytes(12).toString('hex');
const site: Site = await createSite({ database: await createTestDatabase() });
const mayMakeRoles = await makeRoles();
const withRoles = mayMakeRoles ? test : test.skip;
if (!mayMakeRoles) console.error('the role of the tests may not make roles: those tests are left out');
let instance: Instance | null = null;
let app: pg.Client;
let hand: pg.Client;

test.before(async () => {
  if (!mayMakeRoles) return;
  [app, hand] = [new pg.Client(addressFor(web)), new pg.Client(addressFor(worker))];
  await Promise.all([app.connect(), hand.connect()]);
  instance = await startInstance(site, { DATABASE_URL: addressFor(worker) });
});
test.after(async () => {
  await instance?.stop();
  if (mayMakeRoles) {
    await Promise.all([app.end(), hand.end()]);
    await site.sql.query(`DROP ROLE ${worker}, ${web}`);
    // Their rights end with the database. The roles belong to the server, and other tests may be using them.
  }
  await site[Symbol.asyncDispose]();
});

withRoles(
  'an application with its role queues, cancels, retries and deletes; a worker with its own runs the tasks',
  async () => {
    const taskPath = await site.addFiles('ann', 'talk', 'one two');
    await app.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, trans_choice, task_status)
     VALUES ('talk', 'ann', $1, $2, 'x', 'uploaded')`,
      [TRIVIAL_LANGUAGE, taskPath],
    );
    const row = await site.waitFor('talk', 'completed', 'failed');
    assert.equal(row.task_status, 'completed', row.error_message ?? '');
    assert.equal(row['download_name'], 'talk.zip');
    site.zipPath(row);
    await instance?.event('task.completed');

    await site.addFiles('ann', 'hanging', 'hang');
    await app.query(
      `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status)
     VALUES ('hanging', 'ann', $1, 'ann/upl/hanging', 'uploaded')`,
      [TRIVIAL_LANGUAGE],
    );
    await site.waitFor('hanging', 'processing');
    await app.query("UPDATE tasks SET cancel_requested = true WHERE task_id = 'hanging'");
    await instance?.event('task.lost');
    await app.query("UPDATE tasks SET task_status = 'uploaded', priority = 1 WHERE task_id = 'hanging'");
    await site.waitFor('hanging', 'processing');
    await app.query("DELETE FROM tasks WHERE task_id = 'hanging'");
  },
);

withRoles('a worker with its role retries, fails and sweeps without being refused anything', async () => {
  await site.waitFor(await site.addTask('fail'), 'failed');
  const refused = () => instance?.events.filter(({ error }) => /permission denied/.test(String(error))) ?? [];
  // Statements that an instance rarely sends, tried by hand.
  await hand.query('UPDATE instances SET seen_at = now(), busy = 0, paused = NULL');
  await hand.query('SELECT requeue_tasks_without_job()');
  assert.deepEqual(refused(), []);
});

/** A table of another owner with our triggers: these run with their owner's rights and trust the row. */
const FORGERIES = [
  'AFTER UPDATE ON forged REFERENCING OLD TABLE AS former NEW TABLE AS updated EXECUTE FUNCTION record_updated_tasks()',
  'AFTER INSERT ON forged REFERENCING NEW TABLE AS inserted EXECUTE FUNCTION record_inserted_tasks()',
  'AFTER DELETE ON forged FOR EACH ROW EXECUTE FUNCTION remember_deleted_task()',
  'AFTER INSERT ON forged REFERENCING NEW TABLE AS inserted EXECUTE FUNCTION queue_inserted_tasks()',
  'AFTER UPDATE ON forged REFERENCING OLD TABLE AS former NEW TABLE AS updated EXECUTE FUNCTION follow_updated_tasks()',
  'AFTER DELETE ON forged REFERENCING OLD TABLE AS deleted EXECUTE FUNCTION follow_deleted_tasks()',
].map((trigger) => `CREATE TEMP TABLE forged (LIKE tasks); CREATE TRIGGER forge ${trigger}`);
const APP_MAY_NOT = [
  'SELECT FROM pgboss.job',
  'SELECT FROM schema_migrations',
  "UPDATE tasks SET fence = fence + 1, task_status = 'processing'",
  "UPDATE tasks SET download_path = 'ann/otp/else.zip'",
  "UPDATE tasks SET error_code = 'E_IO', error_message = 'x'",
  "UPDATE tasks SET user_uuid = 'bob'",
  'UPDATE limits SET user_open_tasks = 1000000',
  "INSERT INTO task_files (task, kind, path, original_name) SELECT id, 'audio', 'x', 'x' FROM tasks",
  'DELETE FROM task_events',
  'UPDATE instances SET paused = NULL',
  'SELECT requeue_tasks_without_job()',
  'CREATE TABLE tasks_of_mine ()',
  'ALTER TABLE tasks DISABLE TRIGGER ALL',
  "UPDATE tasks SET instance = 'x'",
  "INSERT INTO pgboss.job (name) VALUES ('align')",
  'DELETE FROM pgboss.job',
  'SELECT notify_workers()',
  ...FORGERIES,
];
const WORKER_MAY_NOT = [
  "INSERT INTO tasks (user_uuid) VALUES ('ann')",
  'DELETE FROM tasks',
  "UPDATE tasks SET user_uuid = 'bob'",
  "UPDATE tasks SET task_path = 'bob/upl/x'",
  'UPDATE limits SET user_open_tasks = 1000000',
  'DELETE FROM task_events',
  "UPDATE task_events SET note = 'x'",
  'DELETE FROM task_files',
  'INSERT INTO schema_migrations (name, checksum) VALUES (1, 1)',
  'CREATE TABLE tasks_of_mine ()',
  'DROP TABLE pgboss.job',
  'ALTER TABLE tasks DISABLE TRIGGER ALL',
  ...FORGERIES,
];

for (const [role, statements, client] of [
  ['an application', APP_MAY_NOT, () => app],
  ['a worker', WORKER_MAY_NOT, () => hand],
] as const) {
  for (const statement of statements) {
    withRoles(`${role} may not: ${statement.replace(/\s+/g, ' ')}`, async () => {
      await assert.rejects(client().query(statement), { code: NOT_ALLOWED });
    });
  }
}

withRoles('an application writes the columns that are said to be its own, and no others', async () => {
  const said = tableRows(readFileSync(DATABASE_PAGE, 'utf8'), 'column', 'who', 'meaning');
  const own = said.filter(([, who = '']) => /\byou\b/.test(who)).map(([column]) => plain(column));
  const { rows } = await site.sql.query<{ column: string; privilege: string }>(
    `SELECT column_name AS column, privilege_type AS privilege FROM information_schema.column_privileges
     WHERE table_schema = 'public' AND table_name = 'tasks' AND grantee = 'autophon_web'`,
  );
  const may = (privilege: string) =>
    rows.filter((row) => row.privilege === privilege).map(({ column }) => column);
  // The user and the name of a task never change.
  const once = ['task_id', 'user_uuid'];
  assert.deepEqual(may('UPDATE').sort(), own.filter((column) => !once.includes(column)).sort());
  // A new row may name all of them except its number; values for columns of others change nothing.
  const all = said.map(([column]) => plain(column));
  assert.deepEqual(may('INSERT').sort(), all.filter((column) => column !== 'id').sort());
});

withRoles('an application may send NULL in every column but the id, as libraries do', async () => {
  const columns = tableRows(readFileSync(DATABASE_PAGE, 'utf8'), 'column', 'who', 'meaning').map(([column]) =>
    plain(column),
  );
  const named = columns.filter((column) => !['id', 'user_uuid'].includes(column));
  const { rows } = await app.query(
    `INSERT INTO tasks (user_uuid, ${named}) VALUES ('ann', ${named.map(() => 'NULL')}) RETURNING task_status, fence`,
  );
  assert.deepEqual(rows, [{ task_status: 'uploading', fence: 0 }]);
});

withRoles('of our functions, each role may call what it needs, and nobody else any', async () => {
  const callableBy = async (role: string) => {
    const { rows } = await site.sql.query<{ name: string }>(
      `SELECT proname AS name FROM pg_proc
       WHERE pronamespace = 'public'::regnamespace AND has_function_privilege($1, oid, 'EXECUTE') ORDER BY 1`,
      [role],
    );
    return rows.map(({ name }) => name);
  };
  assert.deepEqual(await callableBy('public'), []);
  assert.deepEqual(await callableBy('autophon_web'), ['expected_run', 'length_class', 'run_left']);
  assert.deepEqual(await callableBy('autophon_worker'), [
    'announce_waiting',
    'count_crashes',
    'expected_run',
    'fail_tasks_without_engine',
    'find_next_job',
    'find_queue_front',
    'find_queue_places',
    'find_running_attempts',
    'find_waiting_engines',
    'forecast_tasks',
    'forget_old_jobs',
    'learn_times',
    'length_class',
    'notify_workers',
    'queue_front',
    'renew_leases',
    'requeue_tasks_without_job',
    'run_left',
    'site_figures',
    'sweep_jobs',
    'task_of_job',
    'work_channel',
  ]);
});

test('functions that have the rights of the owner look for tables where the owner made them', async () => {
  const { rows } = await site.sql.query(
    `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
     AND NOT EXISTS (SELECT FROM unnest(proconfig) AS setting WHERE setting = 'search_path=public, pg_temp')`,
  );
  assert.deepEqual(rows, []);
});

test.run();

/** @returns false if the role of the tests may not do it */
async function makeRoles(): Promise<boolean> {
  try {
    await site.sql.query(await readFile(ROLES_SQL, 'utf8'));
    await site.sql.query(`CREATE ROLE ${worker} LOGIN PASSWORD '${password}' IN ROLE autophon_worker`);
    await site.sql.query(`CREATE ROLE ${web} LOGIN PASSWORD '${password}' IN ROLE autophon_web`);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === NOT_ALLOWED) return false;
    throw error;
  }
}

function addressFor(role: string): string {
  const url = new URL(site.url);
  url.username = role;
  url.password = password;
  return url.href;
}
