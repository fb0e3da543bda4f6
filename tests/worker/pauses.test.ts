import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { RISKY_LANGUAGE } from '../../testing/trivial-engine.ts';

const test = suite('a worker that an operator pauses or drains');
let site: Site;
const started: Instance[] = [];

const start = async (env: Record<string, string> = {}): Promise<Instance> => {
  const instance = await startInstance(site, env);
  started.push(instance);
  return instance;
};
const idOf = ({ events }: Instance) =>
  String(events.find(({ event }) => event === 'worker.started')?.['instance']);

test.before.each(async () => {
  site = await createSite();
});
test.after.each(async () => {
  for (const instance of started.splice(0)) {
    instance.kill('SIGKILL');
    await instance.exited;
  }
  await site[Symbol.asyncDispose]();
});

test('takes tasks that are not paused, and the others at once when the pause ends, though it never polls', async () => {
  // A poll would find the task after half an hour.
  const instance = await start({
    ...{ MIN_POLL_INTERVAL: '1800', MAX_POLL_INTERVAL: '1800' },
    RISKY_HEALTH: 'ready',
  });
  await site.sql.query("INSERT INTO pauses (engine, reason) VALUES ('TRIVIAL', 'new model')");
  const begun = await instance.event('pause.begun');
  assert.deepEqual([begun['engine'], begun['reason']], ['TRIVIAL', 'new model']);
  const paused = await site.addTask('one');
  const other = 'of-another-engine';
  const taskPath = await site.addFiles('ann', other, 'one');
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', $2, $3, 'uploaded')`,
    [other, RISKY_LANGUAGE, taskPath],
  );
  await site.waitFor(other, 'completed');
  assert.equal((await site.row(paused)).task_status, 'uploaded');
  await site.sql.query('DELETE FROM pauses');
  await site.waitFor(paused, 'completed');
  await instance.event('pause.ended');
});

test('that is drained finishes its task, takes no other, and ends with status 0', async () => {
  const drained = await start({ ALIGNMENT_WORKERS: '1', SHUTDOWN_GRACE: '0.3' });
  // It takes longer than a worker has after SIGTERM.
  const running = await site.addTask('slow slow slow slow slow slow');
  await site.waitFor(running, 'processing');
  await site.sql.query('INSERT INTO pauses (instance, is_drain) VALUES ($1, true)', [idOf(drained)]);
  await drained.event('worker.draining');
  const waiting = await site.addTask('two');
  assert.equal(await drained.exited, 0);
  assert.equal((await site.row(running)).task_status, 'completed');
  assert.equal((await site.row(waiting)).task_status, 'uploaded');
  const { rows } = await site.sql.query('SELECT stopped_at IS NOT NULL AS stopped FROM instances');
  assert.deepEqual(rows, [{ stopped: true }]);
  assert.equal((await site.sql.query('SELECT FROM current_pauses')).rowCount, 0);
  await start();
  await site.waitFor(waiting, 'completed');
});

test('that has no task ends at once when it is drained, also if it got no notification', async () => {
  const instance = await start();
  await site.sql.query('ALTER TABLE pauses DISABLE TRIGGER announce_pauses');
  await site.sql.query('INSERT INTO pauses (instance, is_drain) VALUES ($1, true)', [idOf(instance)]);
  // When the listener connects again, it may have missed a notification.
  await site.sql.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'autophon listen' AND datname = current_database()",
  );
  assert.equal(await instance.exited, 0);
});

test('that drains is ended by SIGTERM in time, like any other', async () => {
  const drained = await start({ ALIGNMENT_WORKERS: '1', SHUTDOWN_GRACE: '0.3' });
  const running = await site.addTask('hang');
  await site.waitFor(running, 'processing');
  await site.sql.query('INSERT INTO pauses (instance, is_drain) VALUES ($1, true)', [idOf(drained)]);
  await drained.event('worker.draining');
  await drained.stop();
  const row = await site.row(running);
  assert.deepEqual([row.task_status, row.attempts], ['uploaded', 0]);
});

test.run();
