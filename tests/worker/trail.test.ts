import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli, runJson } from '../cli/run-cli.ts';

const test = suite('what an operator finds about a fault in the log and in show');
const ONE_SLOT = { ALIGNMENT_WORKERS: '1' };
const TAKEN_OVER = 'task.taken_over';
let site: Site;
const started: Instance[] = [];

const start = async (env: Record<string, string> = {}): Promise<Instance> => {
  const instance = await startInstance(site, env);
  started.push(instance);
  return instance;
};
const idOf = async (instance: Instance): Promise<string> =>
  String((await instance.event('worker.started'))['instance']);
const shortIdOf = async (instance: Instance): Promise<string> => (await idOf(instance)).slice(0, 8);

test.before(async () => {
  site = await createSite();
});
test.after.each(async () => {
  for (const instance of started.splice(0)) {
    instance.kill('SIGKILL');
    await instance.exited;
  }
  // Killed workers count as running for half a minute.
  await site.sql.query('UPDATE instances SET stopped_at = now()');
});
test.after(async () => {
  await site[Symbol.asyncDispose]();
});

/** Lines of `show`, with single blanks and without times. */
async function show(taskId: string): Promise<string[]> {
  const { stdout } = await runCli(['show', taskId], site.env);
  const plain = (line: string) =>
    line
      .trim()
      .replace(/ +/g, ' ')
      .replace(/^\d{4}-\S+ \S+ [+-]\d{4} /, '');
  return stdout.split('\n').map(plain);
}

function assertSaid(lines: readonly string[], ...patterns: readonly RegExp[]): void {
  for (const pattern of patterns) {
    assert.ok(
      lines.some((line) => pattern.test(line)),
      `expected ${pattern}, found:\n${lines.join('\n')}`,
    );
  }
}

test('a task whose worker was killed: its history names both instances, the stage, and the number of crashes', async () => {
  const victim = await start({ ...ONE_SLOT, BLOCK_AT: 'package' });
  const text = 'wait one';
  const taskId = await site.addTask(text);
  await site.until('the stage to be written', async () => (await site.row(taskId)).stage === 'align');
  await site.letGo(text);
  await victim.event('stage.started', ({ stage }) => stage === 'package');
  victim.kill('SIGKILL');
  await victim.exited;
  const successor = await start();
  await site.takenOver(taskId, 1);
  const { from, fence, crashes, instance } = await successor.event(TAKEN_OVER);
  const [victimId, successorId] = [await shortIdOf(victim), await shortIdOf(successor)];
  assert.deepEqual([from, fence, crashes, instance], [await idOf(victim), 2, 1, successorId]);
  await site.waitFor(taskId, 'completed');
  assertSaid(
    await show(taskId),
    /^attempts 2, 1 crash of its worker; fence 2$/,
    new RegExp(`^prepare 2 ${successorId} taken over: instance ${victimId} went silent in align, crash 1$`),
    /^1 align \S+ lost$/,
  );
});

test('a frozen worker: its log says that the lease was lost, and which instance has the task now', async () => {
  const zombie = await start(ONE_SLOT);
  // Its lease must pass on its own clock; that of its successor must not.
  await site.sql.query('UPDATE pgboss.queue SET heartbeat_seconds = 5');
  const taskId = await site.addTask('hang');
  await zombie.event('engine.started');
  zombie.kill('SIGSTOP');
  await site.sql.query(`UPDATE pgboss.queue SET heartbeat_seconds = 50;
    UPDATE pgboss.job SET heartbeat_seconds = 50 WHERE state = 'active'`);
  const other = await start();
  await site.until('its lease to pass', async () => {
    const { rowCount } = await site.sql.query(
      "SELECT FROM pgboss.job WHERE state = 'active' AND heartbeat_on < now() - interval '5 s'",
    );
    return rowCount === 1;
  });
  await site.takenOver(taskId, 1);
  zombie.kill('SIGCONT');
  const { reason, fence } = await zombie.event('task.lost');
  const { isNow } = await zombie.event('task.is_now');
  assert.match(String(reason), /^lease lost: no heartbeat reached the database for \d+ s$/);
  assert.deepEqual([fence, isNow], [1, `processing, fence 2, instance ${await idOf(other)}`]);
  await site.sql.query('DELETE FROM tasks WHERE task_id = $1', [taskId]);
  assert.equal((await other.event('task.is_now'))['isNow'], 'deleted');
});

test('a task that was cancelled in psql: its history names the fence and the instance', async () => {
  const instance = await start();
  const taskId = await site.addTask('hang');
  await instance.event('engine.started');
  await site.until('the stage to be written', async () => (await site.row(taskId)).stage === 'align');
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
  const { reason } = await instance.event('task.lost');
  const { isNow } = await instance.event('task.is_now');
  // Found by the notification, the heartbeat or a note of progress, whichever comes first.
  assert.match(
    String(reason),
    /the task was cancelled, (deleted or queued again|or given to another (instance|attempt))$/,
  );
  assert.equal(isNow, 'cancelled');
  assertSaid(
    await show(taskId),
    new RegExp(`^cancelled align 1 ${await shortIdOf(instance)} cancelled by request$`),
    /^1 align \S+ cancelled$/,
  );
});

test('a task that was handed back: its history names the instance and the reason, and why it waits', async () => {
  const leaver = await start({ ...ONE_SLOT, SHUTDOWN_GRACE: '0.1' });
  const taskId = await site.addTask('hang two');
  await leaver.event('engine.started');
  await site.until('the stage to be written', async () => (await site.row(taskId)).stage === 'align');
  await leaver.stop();
  const note = 'handed back: the instance is stopping';
  assert.equal((await leaver.event('task.handed_back'))['note'], note);
  assertSaid(
    await show(taskId),
    new RegExp(`^now ${note}; 0 before it in the queue; no worker is running`),
    new RegExp(`^uploaded align 1 ${await shortIdOf(leaver)} ${note}$`),
    /^1 align \S+ handed back$/,
  );
  await site.sql.query('DELETE FROM tasks WHERE task_id = $1', [taskId]);
});

test('a task that was tried again: the error of the first attempt is still in its history when the second succeeds', async () => {
  await start();
  const taskId = await site.addTask('flaky three');
  await site.waitFor(taskId, 'completed');
  assertSaid(
    await show(taskId),
    /attempt 1 of 3 ended with E_ENGINE_FAILED \(TRIVIAL exited with 1; .*\); next in/,
    /^1 (prepare|align) \S+ failed$/,
  );
});

test('a task that waits for free disk or memory: show says so, and status says since when the workers have paused', async () => {
  await start({ MIN_FREE_MEMORY: '1000T' });
  const taskId = await site.addTask('one');
  await site.until('the row to tell', async () => {
    const { rows } = await site.sql.query('SELECT 1 FROM active_instances WHERE paused_since >= started_at');
    return rows.length > 0;
  });
  assertSaid(
    await show(taskId),
    /^now .*the workers for it have paused until disk and memory are above their limits \(.*: memory: /,
  );
  const { document } = await runJson<{ instances: { pausedSince: string }[] }>(['status'], site.env);
  assert.match(document.instances[0]?.pausedSince ?? '', /^\d{4}-\d\d-\d\dT/);
  const { stdout } = await runCli(['status'], site.env);
  assert.match(stdout, /takes no new tasks since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}: memory: /);
});

test.run();
