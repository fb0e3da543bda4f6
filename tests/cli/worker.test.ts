import assert from 'node:assert/strict';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { endAllCli, runCli, runJson, startCli } from './run-cli.ts';

const SAMPLES_DIR = path.resolve(import.meta.dirname, '../../samples');
const ENGLISH = 'engUS_SPHINX_v010';

const test = suite<{ site: Site }>('worker, process and submit --wait');

test.before(async (context) => {
  context.site = await createSite();
});

test.after(async ({ site }) => {
  endAllCli();
  await site[Symbol.asyncDispose]();
});

interface Ended {
  readonly taskId: string;
  readonly status: string;
  readonly resultPath: string;
  readonly words: number;
  readonly tiers: number;
}

test('a worker says when it is ready, runs what is submitted, and ends with 0 on SIGTERM', async ({
  site,
}) => {
  const worker = startCli(['worker'], site.env);
  await worker.said('worker ready');
  const waited = await runCli(
    ['submit', path.join(SAMPLES_DIR, 'english-conversation'), '--lang', ENGLISH, '--wait'],
    site.env,
  );
  assert.equal(waited.exitCode, 0, waited.stderr);
  assert.match(waited.stdout, /^queued task [0-9a-f-]{36}\n {2}1 file, 2 tiers, \d+ words, /);
  assert.match(waited.stdout, /: completed: in /);
  const [, zip = ''] = /\nresult: (.+)\n$/.exec(waited.stdout) ?? [];
  assert.ok(path.isAbsolute(zip) && existsSync(zip), zip);

  const { document } = await runJson<{ instances: { pid: number; slots: number; engines: object }[] }>(
    ['status'],
    site.env,
  );
  assert.equal(document.instances[0]?.pid, worker.child.pid);
  assert.ok('SPHINX' in (document.instances[0]?.engines ?? {}));

  worker.child.kill('SIGTERM');
  const { exitCode, stdout, stderr } = await worker.ended;
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^worker ready, pid \d+: 2 slots, engines SPHINX/);
  const { password } = new URL(site.url);
  assert.ok(password === '' || !(stdout + stderr).includes(password));
  const log = readFileSync(path.join(site.dir, 'logs', 'alignment_worker.log'), 'utf8');
  assert.match(log, /worker started/);
  assert.match(log, /worker stopped/);
  assert.match(log, /Worker Stats - Uptime: .*Success: 1, Failed: 0/);
});

test('in the journal each line has its priority, and with LOG_FORMAT=json a file has one object a line', async ({
  site,
}) => {
  const file = path.join(site.dir, 'stderr');
  const stderr = openSync(file, 'a');
  const { dev, ino } = fstatSync(stderr);
  const env = {
    ...site.env,
    LOGS: path.join(site.dir, 'json-logs'),
    LOG_FORMAT: 'json',
    JOURNAL_STREAM: `${dev}:${ino}`,
  };
  const worker = startCli(['worker'], env, undefined, stderr);
  await worker.said('worker ready');
  worker.child.kill('SIGTERM');
  assert.equal((await worker.ended).exitCode, 0);
  closeSync(stderr);
  const started = readFileSync(file, 'utf8')
    .split('\n')
    .find((line) => line.includes('worker.started'));
  assert.match(started ?? '', /^<6>\{"time":/);
  const lines = readFileSync(path.join(env.LOGS, 'alignment_worker.log'), 'utf8').trimEnd().split('\n');
  const events = lines.map((line) => (JSON.parse(line) as { event: string }).event);
  assert.ok(events.includes('worker.started') && events.includes('worker.stopped'), events.join(' '));
});

test('with --json a ready worker is one document', async ({ site }) => {
  const worker = startCli(['worker', '--json'], { ...site.env, ALIGNMENT_WORKERS: '1' });
  await worker.said('\n}\n');
  worker.child.kill('SIGINT');
  const { exitCode, stdout } = await worker.ended;
  assert.equal(exitCode, 0);
  const document = JSON.parse(stdout) as { pid: number; slots: number; engines: object };
  assert.equal(document.pid, worker.child.pid);
  assert.equal(document.slots, 1);
  assert.ok('SPHINX' in document.engines);
});

test('a second signal hands running tasks back at once, without using an attempt', async ({ site }) => {
  const { document } = await runJson<Ended>(
    ['submit', path.join(SAMPLES_DIR, 'english-read'), '--lang', ENGLISH],
    site.env,
  );
  const worker = startCli(['worker'], { ...site.env, SHUTDOWN_GRACE: '300' });
  await site.until('the engine to run', async () => (await site.row(document.taskId)).stage === 'align');
  worker.child.kill('SIGTERM');
  worker.child.kill('SIGINT');
  const { exitCode, stderr } = await worker.ended;
  assert.equal(exitCode, 0, stderr);
  const row = await site.row(document.taskId);
  assert.equal(row.task_status, 'uploaded');
  assert.equal(row.attempts, 0);
  assert.deepEqual(await site.workspaces(), []);
  await runCli(['cancel', document.taskId], site.env);
});

test('process runs one task in the foreground, and refuses a task that has ended', async ({ site }) => {
  const args = ['submit', path.join(SAMPLES_DIR, 'english-conversation'), '--lang', ENGLISH];
  const { document: submitted } = await runJson<Ended>(args, site.env);
  const first = await runJson<Ended>(['process', submitted.taskId.slice(0, 8)], site.env);
  assert.equal(first.exitCode, 0);
  assert.equal(first.document.status, 'completed');
  assert.ok(existsSync(first.document.resultPath));
  assert.equal((await site.row(submitted.taskId)).task_status, 'completed');
  assert.deepEqual(await site.workspaces(), []);

  const again = await runCli(['process', submitted.taskId], site.env);
  assert.equal(again.exitCode, 2);
  assert.match(again.stderr, /does not wait for a worker: it is completed/);
});

test('a task that fails before any program is started ends "process" with 1 and its faults, and names no log', async ({
  site,
}) => {
  const taskPath = await site.addFiles('ann', 'fails', 'zzzq qqqz');
  await site.sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('fails', 'ann', $1, $2, 'uploaded')`,
    [ENGLISH, taskPath],
  );
  const { exitCode, stdout, stderr } = await runCli(['process', 'fails'], site.env);
  assert.equal(exitCode, 1);
  assert.match(stdout, /fails: failed: E_WORDS_UNKNOWN/);
  assert.match(stderr, /task fails is failed\nE_WORDS_UNKNOWN {2}2 of 2 words/);
  assert.doesNotMatch(stderr, /^log:/m);
});

test('waiting without a worker says so; Ctrl-C ends the waiting, not the task', async ({ site }) => {
  const args = ['submit', path.join(SAMPLES_DIR, 'english-conversation'), '--lang', ENGLISH, '--wait'];
  const waiting = startCli(args, site.env);
  await waiting.said('no worker is running: start one with "make worker"');
  waiting.child.kill('SIGINT');
  const { exitCode, stdout, stderr } = await waiting.ended;
  assert.equal(exitCode, 130);
  assert.match(stderr, /goes on; see it with: /);
  const [, taskId = ''] = /^queued task (\S+)/.exec(stdout) ?? [];
  assert.equal((await site.row(taskId)).task_status, 'uploaded');
});

test.run();
