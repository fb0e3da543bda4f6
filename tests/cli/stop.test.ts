import assert from 'node:assert/strict';
import path from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { assertTook } from '../../testing/time-limits.ts';
import { endAllCli, runCli, startCli } from './run-cli.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../samples/english-read');
const STOP_LIMIT_MS = 5_000;
const ALL_TABLES = 'BEGIN; LOCK TABLE tasks, instances, chores, pgboss.job IN ACCESS EXCLUSIVE MODE';
const DEADLOCK = '40P01';

const test = suite('commands end when they are told to, whatever other sessions have locked');
let site: Site;
/** A session in psql. */
let hand: pg.Client;

test.before(async () => {
  site = await createSite();
});
test.before.each(async () => {
  hand = new pg.Client(site.url);
  await hand.connect();
});
test.after.each(async () => {
  await hand.end();
});
test.after(async () => {
  endAllCli();
  await site[Symbol.asyncDispose]();
});

test('a worker with all tables locked', async () => {
  const worker = startCli(['worker'], { ...site.env, SHUTDOWN_GRACE: '0' });
  await worker.said('worker ready');
  await lockAllTables();
  await hand.query('SELECT notify_workers()');
  await endsInTime(worker, 'SIGTERM');
});

test('a worker that could not hand its task back says so, and ends with 1', async () => {
  const { stdout } = await runCli(['submit', SAMPLE, '--lang', 'engUS_SPHINX_v010'], site.env);
  const [, taskId = ''] = /^queued task (\S+)/.exec(stdout) ?? [];
  const worker = startCli(['worker'], { ...site.env, SHUTDOWN_GRACE: '0' });
  await site.until('the engine to run', async () => (await site.row(taskId)).stage === 'align');
  await hand.query('BEGIN');
  await hand.query('SELECT FROM tasks WHERE task_id = $1 FOR UPDATE', [taskId]);
  const { exitCode, stderr } = await endsInTime(worker, 'SIGTERM');
  assert.equal(exitCode, 1);
  assert.match(stderr, /task\.end_held: /);
  assert.match(stderr, /task\.end_left_to_lease: .*the instance had to stop before/);
  await hand.query('ROLLBACK');
  await runCli(['cancel', taskId], site.env);
});

test('submit --wait, while the table that it looks at is locked', async () => {
  const waiting = startCli(['submit', SAMPLE, '--lang', 'engUS_SPHINX_v010', '--wait'], site.env);
  await waiting.said('no worker is running');
  await lockAllTables();
  await site.until('it to wait for the table', async () => {
    const { rowCount } = await hand.query(
      `SELECT FROM pg_stat_activity WHERE application_name = 'autophon submit' AND wait_event_type = 'Lock' AND datname = current_database()`,
    );
    return rowCount !== 0;
  });
  const { exitCode, stderr } = await endsInTime(waiting, 'SIGINT');
  assert.equal(exitCode, 130);
  assert.match(stderr, /goes on; see it with: /);
});

test('process stops in time while another session holds its row, and while all tables are locked', async () => {
  const { stdout } = await runCli(['submit', SAMPLE, '--lang', 'engUS_SPHINX_v010'], site.env);
  const [, taskId = ''] = /^queued task (\S+)/.exec(stdout) ?? [];
  const row = `BEGIN; SELECT FROM tasks WHERE task_id = '${taskId}' FOR UPDATE`;
  for (const [hold, signal] of [
    [row, 'SIGINT'],
    [row, 'SIGTERM'],
    [ALL_TABLES, 'SIGINT'],
  ] as const) {
    const running = startCli(['process', taskId], { ...site.env, WORKER_LOG_LEVEL: 'DEBUG' });
    // Its instance has started, and its next step is a claim.
    if (hold === ALL_TABLES) await running.noted('worker started');
    await (hold === ALL_TABLES ? lockAllTables() : hand.query(hold));
    if (hold !== ALL_TABLES) await running.noted('waiting for the row of the task: another session holds it');
    const { exitCode } = await endsInTime(running, signal);
    assert.equal(exitCode, 130);
    await hand.query('ROLLBACK');
  }
  await runCli(['cancel', taskId], site.env);
});

test.run();

/**
 * The tables are locked one after the other, and a worker may hold one lock and wait for another; then this is tried
 * again.
 */
async function lockAllTables(): Promise<void> {
  try {
    await hand.query(ALL_TABLES);
  } catch (error) {
    if ((error as pg.DatabaseError).code !== DEADLOCK) throw error;
    await hand.query('ROLLBACK');
    await lockAllTables();
  }
}

async function endsInTime(process: ReturnType<typeof startCli>, signal: NodeJS.Signals) {
  const startedAtMs = performance.now();
  process.child.kill(signal);
  const result = await process.ended;
  const elapsedMs = performance.now() - startedAtMs;
  await assertTook(`the end of one that said ${result.stderr}`, elapsedMs, STOP_LIMIT_MS);
  return result;
}
