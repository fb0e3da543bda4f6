import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import { findPendingMigrations, migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli } from '../cli/run-cli.ts';

const QUEUE_SQL = readFileSync(new URL('../../src/queue/queue.sql', import.meta.url), 'utf8');
/**
 * The text and version of queue.sql. Each change of the file raises the version in its first line; both are repeated
 * here.
 */
const QUEUE_VERSION = 8;
const QUEUE_CHECKSUM = '691255fcebb90e8bcd54d7af478679b715ce72a704e8357db55d9158b3f2cbdd';
const QUEUE_NAME = `queue.sql@${QUEUE_VERSION}`;

const test = suite('migrations');
let site: Site;

test.before.each(async () => {
  site = await createSite();
});
test.after.each(async () => {
  await site[Symbol.asyncDispose]();
});

const run = () => migrate(site.url, () => installQueue(site.url, { leaseSec: 50 }));
const pretend = (name: string) =>
  site.sql.query("UPDATE schema_migrations SET checksum = 'another' WHERE name = $1", [name]);

test('a database that is up to date has nothing to run', async () => {
  assert.deepEqual(await findPendingMigrations(site.url), []);
  assert.deepEqual((await run()).applied, []);
});

test('queue.sql runs again when it has changed, and waiting tasks keep their places', async () => {
  const waiting = await site.addTask('a bell');
  await pretend(QUEUE_NAME);
  assert.deepEqual(await findPendingMigrations(site.url), [QUEUE_NAME]);
  assert.deepEqual((await run()).applied, [QUEUE_NAME]);
  assert.deepEqual(await findPendingMigrations(site.url), []);
  const { rows } = await site.sql.query('SELECT task_id, ahead FROM find_queue_places($1)', [[waiting]]);
  assert.deepEqual(rows, [{ task_id: waiting, ahead: 0 }]);
});

test('a changed queue.sql needs a new version number', () => {
  assert.equal(QUEUE_SQL.split('\n', 1)[0], `-- Version ${QUEUE_VERSION}`);
  assert.equal(createHash('sha256').update(QUEUE_SQL).digest('hex'), QUEUE_CHECKSUM);
});

for (const earlier of ['queue.sql', `queue.sql@${QUEUE_VERSION - 1}`]) {
  test(`a database with an earlier version of the functions (${earlier}) gets those of this one`, async () => {
    await site.sql.query('UPDATE schema_migrations SET name = $1 WHERE name = $2', [earlier, QUEUE_NAME]);
    assert.deepEqual((await run()).applied, [QUEUE_NAME]);
    assert.deepEqual(await findPendingMigrations(site.url), []);
  });
}

for (const later of ['9999_later.sql', `queue.sql@${QUEUE_VERSION + 1}`]) {
  test(`a database that a newer version has migrated (${later}) is refused, and nothing in it is changed`, async () => {
    await site.sql.query("INSERT INTO schema_migrations (name, checksum) VALUES ($1, 'x')", [later]);
    await pretend(QUEUE_NAME);
    const refused = new RegExp(`the database has run ${later}, which the version in /.+ does not have`);
    let installed = 0;
    const installing = async () => {
      installed++;
    };
    await assert.rejects(migrate(site.url, installing), refused);
    assert.equal(installed, 0);
    await assert.rejects(findPendingMigrations(site.url), refused);
    const { rows } = await site.sql.query('SELECT checksum FROM schema_migrations WHERE name = $1', [
      QUEUE_NAME,
    ]);
    assert.deepEqual(rows, [{ checksum: 'another' }]);
  });
}

test('a migration that was changed after it ran is refused, with its name', async () => {
  await pretend('0001_tables.sql');
  await assert.rejects(run(), /migrations\/0001_tables\.sql was changed after it ran/);
});

test('a role without the right to create tables is told what it needs, by every command', async () => {
  const name = `stranger_${randomUUID().slice(0, 8)}`;
  await site.sql.query(`CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
  try {
    const url = new URL(site.url);
    url.username = name;
    url.password = 'x';
    for (const command of ['migrate', 'status']) {
      const { exitCode, stderr } = await runCli([command], { ...site.env, DATABASE_URL: url.href });
      assert.equal(exitCode, 1);
      assert.match(stderr, /^E_DATABASE {2}permission denied .* has to own the database \(ALTER DATABASE/);
    }
  } finally {
    await site.sql.query(`DROP ROLE ${name}`);
  }
});

test.run();
