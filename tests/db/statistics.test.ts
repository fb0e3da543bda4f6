import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { connect, type Db } from '../../src/db/connect.ts';
import { readThroughput } from '../../src/db/statistics.ts';
import { createSite, type Site } from '../../testing/site.ts';

/** Three years: no bucket begins while the test runs. */
const BUCKET_SEC = 100_000_000;

const test = suite<{ site: Site; db: Db }>('counts of ended tasks');

test.before(async (context) => {
  context.site = await createSite();
  context.db = connect({ url: context.site.url, applicationName: 'autophon test', maxConnections: 1 });
});
test.after(async ({ site, db }) => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

test('a task that ended at the moment when a bucket begins is counted in this bucket', async ({
  site,
  db,
}) => {
  const starts = (await readThroughput(db, 2, BUCKET_SEC)).buckets.map(({ at }) => at);
  assert.equal(starts.length, 2);
  await site.sql.query(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status)
     SELECT 'ann', 'engUS_SPHINX_v010', 'ann/upl/x', 'uploaded' FROM generate_series(1, 2)`,
  );
  await site.sql.query(
    `UPDATE tasks SET task_status = 'failed', error_code = 'E_IO', error_message = 'no', finished_at = start.at
     FROM unnest($1::timestamptz[]) WITH ORDINALITY AS start (at, n)
     WHERE tasks.id = (SELECT id FROM tasks ORDER BY id LIMIT 1 OFFSET start.n - 1)`,
    [starts],
  );
  const { buckets, failures } = await readThroughput(db, 2, BUCKET_SEC);
  assert.deepEqual(
    buckets.map(({ failed }) => failed),
    [1, 1],
  );
  assert.deepEqual(failures, [{ code: 'E_IO', count: 2 }]);
});

test.run();
