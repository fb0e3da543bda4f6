import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { suite } from 'uvu';
import { findUncleaned, mayRemoveAudio } from '../../src/db/audio-removal.ts';
import { failTasksWithoutEngine, requeueTasksWithoutJob } from '../../src/db/backlog.ts';
import { connect, type Db, type Tx } from '../../src/db/connect.ts';
import { findEnded, findOutdated } from '../../src/db/retention.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('a history of many tasks');
const TASKS = 5_000;
const DAY_SEC = 86_400;
/** The fourth task: completed, never claimed by a current worker. */
const UNCLEANED = { id: '4', fence: 1, claim: '' };
let database: TestDatabase;
let db: Db;

test.before(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.url, maxConnections: 1, applicationName: 'long history test' });
  await db.transaction().execute(async (tx) => {
    // No triggers: these tasks ended long ago, one per hour, in all possible ways.
    await sql`SET LOCAL session_replication_role = replica`.execute(tx);
    await sql`
      INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, fence, download_path,
                         finished_at, updated_at, inputs_deleted_at)
      SELECT 't' || n, 'u' || n % 100, 'x', 'u' || n % 100 || '/upl/t' || n, status, 1 + n % 2, 'x', at, at,
             CASE WHEN status <> 'completed' THEN at + interval '1 day' END
      FROM (SELECT n, now() - n * interval '1 hour' - interval '2 days' AS at,
                   (ARRAY['completed', 'completed', 'expired', 'cancelled'])[1 + n % 4] AS status
            FROM generate_series(1, ${TASKS}::int) AS n) AS tasks`.execute(tx);
  });
  // Its audio has not been removed yet.
  await sql`UPDATE tasks SET stage = 'cleanup' WHERE id = ${UNCLEANED.id}`.execute(db);
  await sql`ANALYZE tasks`.execute(db);
});
test.after(async () => {
  await db.destroy();
  await database.drop();
});

const looks: Record<string, (tx: Tx) => Promise<unknown>> = {
  'files to remove': (tx) => findOutdated(tx, { failedInputsSec: DAY_SEC, resultsSec: 0 }, 100),
  'results to remove': (tx) => findOutdated(tx, { failedInputsSec: DAY_SEC, resultsSec: 365 * DAY_SEC }, 100),
  'tasks that ended': (tx) => findEnded(tx, 60, 100),
  'cleanups to finish': (tx) => findUncleaned(tx, 60, 20),
  'tasks without job': (tx) => requeueTasksWithoutJob(tx, new AbortController().signal),
  'tasks without engine': (tx) => failTasksWithoutEngine(tx, DAY_SEC, ['SPHINX']),
  'tasks in the same folder': (tx) => mayRemoveAudio(tx, UNCLEANED),
};

for (const [what, look] of Object.entries(looks)) {
  test(`is not read from end to end when a worker looks for ${what}`, async () => {
    const readRows = await db.transaction().execute(async (tx) => {
      const before = await countReadRows(tx);
      await look(tx);
      return (await countReadRows(tx)) - before;
    });
    assert.ok(readRows < TASKS / 10, `${readRows} rows of ${TASKS} were read`);
  });
}

test.run();

async function countReadRows(tx: Tx): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT (seq_tup_read + idx_tup_fetch)::int AS n FROM pg_stat_xact_user_tables WHERE relname = 'tasks'`.execute(
    tx,
  );
  return rows[0]?.n ?? 0;
}
