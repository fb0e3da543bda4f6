import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { endAllCli, runCli, runJson, startCli } from './run-cli.ts';

const test = suite<{ site: Site }>('the log of a task at a terminal');

test.before(async (context) => {
  context.site = await createSite();
});
test.after(async ({ site }) => {
  endAllCli();
  await site[Symbol.asyncDispose]();
});

test('it is followed from before the first attempt to the end of the task', async ({ site }) => {
  const taskId = await site.addTask('flaky slow');
  const none = await runCli(['show', taskId, '--log'], site.env);
  assert.deepEqual([none.exitCode, none.stdout], [0, '']);
  assert.match(none.stderr, /there is no log: the task has not started/);
  const follower = startCli(['show', taskId, '--log', '--follow'], site.env);
  const instance = await startInstance(site);
  const { exitCode, stdout, stderr } = await follower.ended;
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /attempt 2\ntask \S+ is completed\n$/);
  // Each start of a program is a line of the log.
  const { document } = await runJson<{ attempt: number; log: string }>(['show', taskId, '--log'], site.env);
  assert.equal(document.attempt, 2);
  assert.match(document.log, /\["sleep","0\.3"\]/);
  assert.ok(stdout.endsWith(document.log), `${stdout}\n---\n${document.log}`);
  const shown = await runCli(['show', taskId, '--log'], site.env);
  assert.equal(shown.stdout, document.log);
  await instance.stop();
});

test('Ctrl-C ends the watching, and the task goes on', async ({ site }) => {
  const instance = await startInstance(site);
  const taskId = await site.addTask('hang');
  const follower = startCli(['show', taskId, '--log', '--follow'], site.env);
  await follower.said('["sleep","1000"]');
  follower.child.kill('SIGINT');
  assert.equal((await follower.ended).exitCode, 130);
  assert.equal((await site.row(taskId)).task_status, 'processing');
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
  await instance.stop();
});

test('--follow without --log, or with --json, is refused', async ({ site }) => {
  const taskId = await site.addTask('one');
  for (const args of [['--follow'], ['--log', '--follow', '--json']]) {
    const { exitCode, stdout, stderr } = await runCli(['show', taskId, ...args], site.env);
    assert.equal(exitCode, 2);
    assert.match(stdout + stderr, /E_USAGE/);
  }
});

test.run();
