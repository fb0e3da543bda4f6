import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { privateDirOf } from '../../src/host/workspace.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli } from '../cli/run-cli.ts';

const test = suite('several instances');
let site: Site;
const started: Instance[] = [];

const start = async (env: Record<string, string> = {}): Promise<Instance> => {
  const instance = await startInstance(site, env);
  started.push(instance);
  return instance;
};
const isAlive = (pid: unknown): boolean => {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
};
/** The zips under a task's result folder, as `<fence>/<name>`. */
const zipsOf = async (taskId: string): Promise<string[]> => {
  const dir = path.join(site.uploadsDir, 'ann/otp', taskId);
  if (!existsSync(dir)) return [];
  const names = (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.zip'));
  return names.map((name) => name.replace(/^\d+\.(\d+)-[0-9a-f]{8}\//, '$1/'));
};

test.before(async () => {
  site = await createSite();
});
test.after.each(async () => {
  for (const instance of started.splice(0)) {
    instance.kill('SIGKILL');
    await instance.exited;
  }
});
test.after(async () => {
  await site[Symbol.asyncDispose]();
});

for (const stage of ['prepare', 'align', 'package', 'cleanup']) {
  test(`a worker killed in ${stage} is replaced: another finishes the task, with one result`, async () => {
    const victim = await start({ BLOCK_AT: stage, ALIGNMENT_WORKERS: '1' });
    const taskId = await site.addTask('one two');
    await victim.event(stage === 'prepare' ? 'task.started' : 'stage.started', (event) =>
      stage === 'prepare' ? true : event['stage'] === stage,
    );
    victim.kill('SIGKILL');
    await victim.exited;

    await start();
    if (stage !== 'cleanup') await site.takenOver(taskId, 1);
    const row = await site.waitFor(taskId, 'completed', 'failed');
    const expected = stage === 'cleanup' ? [0, 0, 1] : [1, 1, 2];
    assert.deepEqual([row.task_status, row.crashes, row['takeovers'], row.fence], ['completed', ...expected]);
    site.zipPath(row);
    await site.until(
      'the workspaces of the dead to be removed',
      async () => (await site.workspaces()).length === 0,
    );
    assert.deepEqual(await zipsOf(taskId), [`${row.fence}/${taskId}.zip`]);
  });
}

test('the engine of a killed worker does not survive it', async () => {
  const victim = await start();
  const taskId = await site.addTask('hang');
  const { pid } = await victim.event('engine.started');
  victim.kill('SIGKILL');
  await victim.exited;
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
  // Killed so early that its parent may not be known yet: then the next instance ends it.
  await start();
  await site.until('the engine to be dead', () => !isAlive(pid));
});

test('a task that kills its worker three times fails, the third time in a process of its own that harms no other task', async () => {
  const taskId = await site.addTask('poison');
  await killTwice([taskId]);
  const judge = await start({ ALIGNMENT_WORKERS: '2' });
  const neighbour = await site.addTask('slow slow slow slow slow');
  await judge.event('solo.ended');
  await site.takenOver(taskId, 4);
  const row = await site.waitFor(taskId, 'failed', 'completed');
  assert.deepEqual([row.task_status, row.error_code, row.crashes], ['failed', 'E_CRASHED', 3]);
  assert.match(row.error_message ?? '', /the worker died 3 times/);
  assert.equal((await site.waitFor(neighbour, 'completed', 'failed')).attempts, 1);
  // The third attempt put it back for a solo run, the fifth only wrote the end.
  assert.match(String(row['log_path']), new RegExp(`^tasks/${taskId}\\.\\d+\\.4-[0-9a-f]{8}\\.log$`));
  await judge.event('solo.started');
  const said = await judge.event('task.failed', (event) => event['code'] === 'E_CRASHED');
  assert.deepEqual([said['taskId'], said['fence']], [taskId, 5]);
});

test('tasks that run beside a task that kills its worker again and again do not fail with it', async () => {
  // Both workers are killed in the first stage that they reach together, each time they run side by side.
  const poison = await site.addTask('poison');
  const bystander = await site.addTask('slow slow slow slow slow');
  await killTwice([poison, bystander]);
  const last = await start();
  await last.event('solo.ended', (event) => event['taskId'] === poison);
  await site.takenOver(poison, 4);
  const row = await site.waitFor(bystander, 'failed', 'completed');
  assert.deepEqual([row.task_status, row.error_code], ['completed', null]);
  assert.equal((await site.waitFor(poison, 'failed')).error_code, 'E_CRASHED');
});

test('while a task runs alone in a process of its own, the other slot works on', async () => {
  const taskId = await site.addTask('poison');
  await killTwice([taskId]);
  // Harmless from now on, and long.
  await site.addFiles('ann', taskId, 'hang one');
  const last = await start({ ALIGNMENT_WORKERS: '2', SHUTDOWN_GRACE: '0' });
  await last.event('solo.started');
  await site.until('the process to run the task', async () => (await site.row(taskId)).stage === 'align');
  for (let n = 0; n < 3; n++) await site.waitFor(await site.addTask('one'), 'completed');
  assert.equal((await site.row(taskId)).task_status, 'processing');
  await last.stop();
  // Told to stop with the instance, it hands its task back.
  assert.equal((await site.waitFor(taskId, 'uploaded')).crashes, 2);
  await site.sql.query('DELETE FROM tasks WHERE task_id = $1', [taskId]);
});

test('a task says why its solo run has not begun', async () => {
  const taskId = await site.addTask('poison');
  await killTwice([taskId]);
  await start({ SOLO_PROGRAM: 'false' });
  await site.until('the reason to be noted', async () => {
    const { task_status, status_note } = await site.row(taskId);
    return task_status === 'uploaded' && /not taken it: it ended with status 1;/.test(String(status_note));
  });
  await site.sql.query('DELETE FROM tasks WHERE task_id = $1', [taskId]);
});

test('freezes longer than the lease are not crashes, however often they occur', async () => {
  const text = 'wait one';
  const taskId = await site.addTask(text);
  for (let fence = 1; fence <= 3; fence++) {
    const instance = await start({ ALIGNMENT_WORKERS: '1' });
    if (fence > 1) await site.takenOver(taskId, fence - 1);
    await instance.event('engine.started');
    instance.kill('SIGSTOP');
  }
  await site.letGo(text);
  await start({ ALIGNMENT_WORKERS: '1' });
  await site.takenOver(taskId, 3);
  const row = await site.waitFor(taskId, 'completed', 'failed');
  assert.deepEqual(
    [row.task_status, row.error_code, row.crashes, row['takeovers']],
    ['completed', null, 0, 3],
  );
});

test('a task may run for longer than its job expires, and completes once', async () => {
  await site.sql.query('UPDATE pgboss.queue SET expire_seconds = 1');
  try {
    await start({ ALIGNMENT_WORKERS: '1' });
    await start({ ALIGNMENT_WORKERS: '1' });
    const row = await site.waitFor(
      await site.addTask('slow slow slow slow slow slow slow slow'),
      'completed',
      'failed',
    );
    assert.deepEqual([row.task_status, row.fence, row.attempts], ['completed', 1, 1]);
  } finally {
    await site.sql.query('UPDATE pgboss.queue SET expire_seconds = 86400');
  }
});

test('a frozen worker that wakes up after its lease cannot publish', async () => {
  const zombie = await start({ BLOCK_AT: 'none', ALIGNMENT_WORKERS: '1' });
  const taskId = await site.addTask('hang one');
  await zombie.event('engine.started');
  zombie.kill('SIGSTOP');
  const other = await start();
  await site.takenOver(taskId, 1);
  zombie.kill('SIGCONT');
  await zombie.event('task.lost', (event) => event['taskId'] === taskId);
  const row = await site.row(taskId);
  assert.deepEqual([row.task_status, row.fence], ['processing', 2]);
  assert.deepEqual(await zipsOf(taskId), []);
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
  await other.event('task.lost');
});

test('a worker frozen just before it publishes is refused by the fence when it wakes up', async () => {
  // Blocked in the stage before publication, like a frozen process. What it does later comes too late.
  const zombie = await start({ ALIGNMENT_WORKERS: '1' });
  const text = 'wait two';
  const taskId = await site.addTask(text);
  await zombie.event('engine.started', (event) => event['taskId'] === taskId);
  zombie.kill('SIGSTOP');
  await site.letGo(text);
  const other = await start();
  await site.takenOver(taskId, 1);
  const row = await site.waitFor(taskId, 'completed');
  assert.equal(row.fence, 2);
  zombie.kill('SIGCONT');
  await zombie.event('task.lost', (event) => event['taskId'] === taskId);
  assert.deepEqual((await site.row(taskId)).download_path, row.download_path);
  assert.deepEqual(await zipsOf(taskId), [`2/${taskId}.zip`]);
  await other.stop();
});

test('a frozen worker whose task was deleted and made again does not touch the result of the new one', async () => {
  const zombie = await start({ ALIGNMENT_WORKERS: '1' });
  const taskId = await site.addTask('hang one');
  await zombie.event('engine.started');
  zombie.kill('SIGSTOP');
  await site.sql.query('DELETE FROM tasks WHERE task_id = $1', [taskId]);
  const taskPath = await site.addFiles('ann', `${taskId}-again`, 'one');
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', 'engUS_TRIVIAL_v010', $2, 'uploaded')",
    [taskId, taskPath],
  );
  await start();
  assert.equal((await site.waitFor(taskId, 'completed', 'failed')).fence, 1);
  zombie.kill('SIGCONT');
  await zombie.event('task.lost', (event) => event['taskId'] === taskId);
  assert.deepEqual(await zipsOf(taskId), [`1/${taskId}.zip`]);
});

test('SIGTERM hands a running task back without using an attempt, and no engine survives', async () => {
  const leaver = await start({ SHUTDOWN_GRACE: '0.2' });
  const taskId = await site.addTask('hang two');
  const { pid } = await leaver.event('engine.started');
  leaver.kill('SIGTERM');
  assert.equal(await leaver.exited, 0);
  assert.equal(isAlive(pid), false);
  const row = await site.row(taskId);
  assert.deepEqual([row.task_status, row.attempts, row.crashes], ['uploaded', 0, 0]);
  const { instance } = await leaver.event('worker.started');
  assert.equal(existsSync(path.join(privateDirOf(site.tempDir), String(instance))), false);
  const successor = await start();
  await successor.event('task.started', (event) => event['taskId'] === taskId);
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
  await successor.event('task.lost');
});

test('SIGTERM lets a short task finish within the grace time', async () => {
  const leaver = await start();
  const taskId = await site.addTask('slow two');
  await leaver.event('engine.started');
  leaver.kill('SIGTERM');
  assert.equal(await leaver.exited, 0);
  assert.equal((await site.row(taskId)).task_status, 'completed');
});

test('a second signal cuts the grace time short', async () => {
  const leaver = await start({ SHUTDOWN_GRACE: '600' });
  const taskId = await site.addTask('hang three');
  await leaver.event('engine.started');
  leaver.kill('SIGTERM');
  await leaver.event('worker.stopping');
  leaver.kill('SIGTERM');
  assert.equal(await leaver.exited, 0);
  assert.equal((await site.row(taskId)).task_status, 'uploaded');
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
});

test('a command cancels a running task on any instance: its engine is killed, the inputs stay', async () => {
  const instances = [await start(), await start()];
  const taskId = await site.addTask('hang four');
  const { pid } = await Promise.any(instances.map((instance) => instance.event('engine.started')));
  const { exitCode, stdout } = await runCli(['cancel', taskId], site.env);
  assert.deepEqual([exitCode, stdout], [0, `cancelled task ${taskId}\n`]);
  await site.until('the engine to be dead', () => !isAlive(pid));
  await Promise.any(instances.map((instance) => instance.event('task.lost')));
  const row = await site.row(taskId);
  assert.deepEqual([row.task_status, row.download_path], ['cancelled', null]);
  assert.ok(existsSync(path.join(site.uploadsDir, String(row['task_path']), 'talk1.wav')));
});

test('a cancellation without a notification is found by the next heartbeat', async () => {
  const instance = await start();
  const taskId = await site.addTask('hang five');
  const { pid } = await instance.event('engine.started');
  const client = await site.sql.connect();
  try {
    await client.query('BEGIN');
    // What the trigger does, without the NOTIFY.
    await client.query('ALTER TABLE tasks DISABLE TRIGGER follow_updated_tasks');
    await client.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
    await client.query("UPDATE pgboss.job SET state = 'cancelled' WHERE state = 'active'");
    await client.query('ALTER TABLE tasks ENABLE TRIGGER follow_updated_tasks');
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await site.until('the engine to be dead', () => !isAlive(pid));
  await instance.event('task.lost');
  assert.equal((await site.row(taskId)).task_status, 'cancelled');
});

test('an instance without the engine leaves its tasks to one that has it', async () => {
  const without = await start({ TRIVIAL_HEALTH: 'missing' });
  const taskId = await site.addTask('one');
  const other = await start();
  const row = await site.waitFor(taskId, 'completed');
  assert.equal(row.fence, 1);
  assert.equal(
    without.events.some(({ event }) => event === 'task.started'),
    false,
  );
  assert.equal(
    other.events.some(({ event }) => event === 'task.started'),
    true,
  );
});

test('a task whose engine no instance has fails after the set time, with that reason', async () => {
  // The killed instances of the tests above had it. They count as running for half a minute more.
  await site.sql.query('DELETE FROM instances');
  const taskId = await site.addTask('one');
  await start({ TRIVIAL_HEALTH: 'missing', ENGINE_WAIT: '1' });
  const row = await site.waitFor(taskId, 'failed');
  assert.equal(row.error_code, 'E_ENGINE_MISSING');
  assert.match(
    row.error_message ?? '',
    /^engine TRIVIAL: no running instance has had it for \d+ s; install it/,
  );
});

test.run();

/** Has two workers die in tasks one of which kills its worker; then the next one can take them over. */
async function killTwice(taskIds: readonly string[]): Promise<void> {
  for (let n = 1; n <= 2; n++) {
    const victim = await start({ ALIGNMENT_WORKERS: String(taskIds.length) });
    await victim.exited;
    await site.endLeases();
  }
}
