import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { failTasksWithoutEngine } from '../../src/db/backlog.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { createSite, type Site } from '../../testing/site.ts';

const test = suite('a task that has waited for days');
const WAIT_SEC = 86_400;
let site: Site;
let db: Db;

test.before(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'autophon test', maxConnections: 1 });
});
test.after(async () => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

const fails = async () => (await failTasksWithoutEngine(db, WAIT_SEC, ['TRIVIAL'])).length === 1;

test('fails when no instance has had its engine for so long, and not while one is away for a moment', async () => {
  const taskId = await site.addTask('one');
  await site.sql.query("UPDATE tasks SET queued_at = now() - interval '2 days'");
  for (const [instance, engine] of [
    ['it is running', { state: 'ready', seen: '5 seconds' }],
    ['it is being restarted, with its machine', { state: 'ready', seen: '10 minutes' }],
    ['its engine is being fixed', { state: 'sick', seen: '5 seconds', readyUntil: '10 minutes' }],
    [
      'nobody knows yet whether its engine is well',
      { state: 'sick', seen: '5 seconds', readyUntil: '1 second' },
    ],
  ] as const) {
    await show(engine);
    assert.equal(await fails(), false, instance);
  }
  await show({ state: 'sick', seen: '5 seconds', readyUntil: '25 hours' });
  assert.equal(await fails(), true);
  assert.equal((await site.row(taskId)).error_code, 'E_ENGINE_MISSING');
});

test('fails when the only instance never had its engine', async () => {
  await site.addTask('one');
  await site.sql.query(
    "UPDATE tasks SET queued_at = now() - interval '2 days' WHERE task_status = 'uploaded'",
  );
  await show({ state: 'missing', seen: '5 seconds' });
  assert.equal(await fails(), true);
});

test.run();

/** The only instance: when it was last seen, and what it reported about the engine. */
async function show(engine: { state: string; seen: string; readyUntil?: string }): Promise<void> {
  await site.sql.query('DELETE FROM instances');
  await site.sql.query(
    `INSERT INTO instances (id, host, pid, version, slots, seen_at, engines) SELECT 'x', 'x', 1, 'x', 1, now() - $1::interval,
       jsonb_build_object('TRIVIAL', jsonb_strip_nulls(jsonb_build_object('state', $2::text, 'readyUntil', now() - $3::interval)))`,
    [engine.seen, engine.state, engine.readyUntil ?? null],
  );
}
