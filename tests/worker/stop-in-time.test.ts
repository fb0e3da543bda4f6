import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { assertTook } from '../../testing/time-limits.ts';

const test = suite('a worker ends in time, whatever other sessions have locked');
const GRACE_SEC = 0.5;
const STOP_LIMIT_MS = (GRACE_SEC + 5) * 1000;
let site: Site;
/** A session in psql. */
let hand: pg.Client;

test.before.each(async () => {
  site = await createSite();
  hand = new pg.Client(site.url);
  await hand.connect();
});
test.after.each(async () => {
  await hand.end();
  await site[Symbol.asyncDispose]();
});

test('all tables, while nothing runs', async () => {
  const instance = await start();
  await hand.query('BEGIN; LOCK TABLE tasks, instances, chores, pgboss.job IN ACCESS EXCLUSIVE MODE');
  // A claim is under way, too.
  await hand.query('SELECT notify_workers()');
  await stop(instance);
});

test('the row of a running task: the others are handed back, and it is left to its lease', async () => {
  const instance = await start({ ALIGNMENT_WORKERS: '2' });
  const [held, free] = [await startHanging(instance), await startHanging(instance)];
  await hand.query('BEGIN');
  await hand.query(`UPDATE tasks SET status_note = 'looked at' WHERE task_id = $1`, [held]);
  await stop(instance);
  const rows = [await site.row(held), await site.row(free)];
  assert.deepEqual(
    rows.map(({ task_status, attempts }) => [task_status, attempts]),
    [
      ['processing', 1],
      ['uploaded', 0],
    ],
  );
  const { rows: instances } = await site.sql.query('SELECT stopped_at FROM instances');
  assert.notEqual(instances[0]?.stopped_at, null);
  await instance.event('task.end_left_to_lease', ({ taskId }) => taskId === held);
});

test('a table, while tasks run', async () => {
  const instance = await start({ ALIGNMENT_WORKERS: '2' });
  await startHanging(instance);
  await startHanging(instance);
  await hand.query('BEGIN; LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE');
  await stop(instance);
});

test('a result that waits for the row of its task does not occupy its slot, and is written in the end', async () => {
  const instance = await start({ ALIGNMENT_WORKERS: '1' });
  const held = await site.addTask('wait');
  await instance.event('engine.started', ({ taskId }) => taskId === held);
  await hand.query('BEGIN');
  await hand.query(`UPDATE tasks SET status_note = 'looked at' WHERE task_id = $1`, [held]);
  await site.letGo('wait');
  await instance.event('task.end_held');
  for (const text of ['one', 'two', 'one two']) await site.waitFor(await site.addTask(text), 'completed');
  await hand.query('ROLLBACK');
  const row = await site.waitFor(held, 'completed');
  assert.match(String(row['status_note']), /; written \d+ s late, since another session held its row$/);
  await stop(instance);
});

test.run();

function start(env: Record<string, string> = {}): Promise<Instance> {
  return startInstance(site, { SHUTDOWN_GRACE: String(GRACE_SEC), ...env });
}

async function startHanging(instance: Instance): Promise<string> {
  const taskId = await site.addTask('hang');
  await instance.event('engine.started', (event) => event['taskId'] === taskId);
  return taskId;
}

async function stop(instance: Instance): Promise<void> {
  const startedAtMs = performance.now();
  await instance.stop();
  const elapsedMs = performance.now() - startedAtMs;
  await assertTook('the end', elapsedMs, STOP_LIMIT_MS);
}
