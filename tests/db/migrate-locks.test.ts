import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { suite } from 'uvu';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { assertTook, withEnoughTime } from '../../testing/time-limits.ts';
import { type CliResult, endAllCli, startCli } from '../cli/run-cli.ts';

/** As in src/db/migrate.ts. */
const LOCK_KEY = 7_041_726_519;

const test = suite('a migration that needs locks of others');
let database: TestDatabase;
/** A session in psql. */
let hand: pg.Client;

test.before(async () => {
  database = await createTestDatabase();
});
test.before.each(async () => {
  hand = new pg.Client({ connectionString: database.url, application_name: 'psql' });
  await hand.connect();
});
test.after.each(async () => {
  await hand.end();
});
test.after(async () => {
  endAllCli();
  await database.drop();
});

test('a migration waits for another one, names it, and gives up after its limit', async () => {
  await hand.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
  const { exitCode, stderr } = await giveUp(database.url);
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    new RegExp(`the migration waits for pid ${await pidOf(hand)} \\(psql, role .*, idle, its last`),
  );
  assert.match(stderr, /E_DATABASE {2}the migration waited \d+ s for pid \d+ \(psql.*pg_terminate_backend/s);
});

test('a migration goes on when the lock is free', async () => {
  await hand.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
  const waiting = migrate();
  await waiting.noted('the migration waits for');
  await hand.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY]);
  const { exitCode, stdout } = await waiting.ended;
  assert.equal(exitCode, 0);
  assert.match(stdout, /up to date/);
});

test('Ctrl-C ends the wait for a lock at once', async () => {
  await hand.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
  const waiting = migrate();
  await waiting.noted('the migration waits for');
  const startedAtMs = performance.now();
  waiting.child.kill('SIGINT');
  assert.equal((await waiting.ended).exitCode, 'SIGINT');
  await assertTook('the end', performance.now() - startedAtMs, 2_000);
});

test('an open transaction that blocks the update of the queue is named, too', async () => {
  await hand.query('BEGIN');
  await hand.query('UPDATE pgboss.queue SET updated_on = now()');
  const { exitCode, stderr } = await giveUp(database.url);
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    /the installation of the queue waits for pid \d+ \(psql, role .*, idle in transaction/,
  );
});

test('an open transaction that blocks a migration file is named, and nothing of the file is kept', async () => {
  const name = `autophon_test_${Math.floor(Date.now() / 1000)}_${randomBytes(6).toString('hex')}`;
  await hand.query(`CREATE DATABASE ${name}`);
  const url = new URL(database.url);
  url.pathname = `/${name}`;
  const person = new pg.Client({ connectionString: url.href, application_name: 'psql' });
  await person.connect();
  try {
    await person.query(
      `CREATE TABLE schema_migrations (
        name text PRIMARY KEY, checksum text, applied_at timestamptz, works_with integer)`,
    );
    // The statements of the file succeed; then the migration has to be recorded.
    await person.query('BEGIN; LOCK TABLE schema_migrations IN EXCLUSIVE MODE');
    const { exitCode, stderr } = await giveUp(url.href);
    assert.equal(exitCode, 1);
    assert.match(stderr, /migrations\/0001_tables\.sql waits for pid \d+ \(psql/);
    const { rows } = await person.query("SELECT to_regclass('public.tasks') AS found");
    assert.equal(rows[0].found, null);
  } finally {
    await person.end();
    await hand.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }
});

test.run();

function migrate(...args: string[]) {
  return startCli(['migrate', ...args], { DATABASE_URL: database.url });
}

/** Lets a migration wait in vain, so long that it has seen what it waits for. */
function giveUp(url: string): Promise<CliResult> {
  return withEnoughTime(
    (limitSec) => startCli(['migrate', '--wait', String(limitSec)], { DATABASE_URL: url }).ended,
    ({ stderr }) => stderr.includes('waits for pid'),
    1,
  );
}

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? 0;
}
