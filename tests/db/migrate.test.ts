import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { findPendingMigrations, migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { createSite, type Site } from '../../testing/site.ts';

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

test('the functions of the queue run again when their file is another, and tasks that wait keep their places', async () => {
  const waiting = await site.addTask('a bell');
  await pretend('queue.sql');
  assert.deepEqual(await findPendingMigrations(site.url), ['queue.sql']);
  assert.deepEqual((await run()).applied, ['queue.sql']);
  assert.deepEqual(await findPendingMigrations(site.url), []);
  const { rows } = await site.sql.query('SELECT task_id, ahead FROM find_queue_places($1)', [[waiting]]);
  assert.deepEqual(rows, [{ task_id: waiting, ahead: 0 }]);
});

test('a migration that was changed after it ran is refused, with its name', async () => {
  await pretend('0001_tables.sql');
  await assert.rejects(run(), /migrations\/0001_tables\.sql was changed after it ran/);
});

test('a database that has run what this version does not have is refused', async () => {
  await site.sql.query("INSERT INTO schema_migrations (name, checksum) VALUES ('9999_later.sql', 'x')");
  await assert.rejects(run(), /has run 9999_later\.sql, which this version does not have/);
});

test.run();
