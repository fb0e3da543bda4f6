import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { assertReachable } from '../../src/db/connect.ts';
import { startInstance } from '../../testing/instance.ts';
import { findPgBouncer, startPgBouncer } from '../../testing/pgbouncer.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli } from '../cli/run-cli.ts';

const test = suite('PgBouncer in between');
const program = findPgBouncer();
const withPooler = program === null ? test.skip : test;
if (program === null) console.error('PgBouncer is not installed: these tests are left out');
let site: Site;

test.before(async () => {
  site = await createSite();
});
test.after(async () => {
  await site[Symbol.asyncDispose]();
});

test('Postgres itself is not taken for a pooler', async () => {
  assert.equal((await assertReachable(site.url)).pooling, 'none');
});

for (const mode of ['transaction', 'statement'] as const) {
  withPooler(`in ${mode} mode it is refused by all commands, and doctor says what to do`, async () => {
    await using pooler = await startPgBouncer(program ?? '', site.url, mode);
    const env = { ...site.env, DATABASE_URL: pooler.url };
    for (const command of ['worker', 'status', 'migrate']) {
      const { exitCode, stderr } = await runCli([command], env);
      assert.equal(exitCode, 1, command);
      assert.match(
        stderr,
        /^E_DATABASE {2}DATABASE_URL leads through a connection pooler that shares sessions/m,
      );
      assert.match(stderr, /pool_mode=session/);
    }
    const { stdout } = await runCli(['doctor', '--problems'], env);
    assert.match(stdout, /WRONG +server +DATABASE_URL leads through a connection pooler/);
  });
}

withPooler('in session mode, with no setting but that, a worker is told of tasks and runs them', async () => {
  await using pooler = await startPgBouncer(program ?? '', site.url, 'session');
  const { stdout } = await runCli(['doctor'], { ...site.env, DATABASE_URL: pooler.url });
  assert.match(stdout, /ok +pooler +there is one, in session mode/);
  assert.match(stdout, /ok +notifications +arrive/);
  const instance = await startInstance(site, {
    DATABASE_URL: pooler.url,
    MIN_POLL_INTERVAL: '30',
    MAX_POLL_INTERVAL: '30',
  });
  try {
    for (const text of ['one', 'two']) await site.waitFor(await site.addTask(text), 'completed');
    const hanging = await site.addTask('hang');
    await instance.event('engine.started', ({ taskId }) => taskId === hanging);
    await site.sql.query(`UPDATE tasks SET task_status = 'cancelled' WHERE task_id = $1`, [hanging]);
    await instance.event('task.lost', ({ taskId }) => taskId === hanging);
  } finally {
    await instance.stop();
  }
});

withPooler('one that has no second session to give is said to have none', async () => {
  await using pooler = await startPgBouncer(program ?? '', site.url, 'session', {
    default_pool_size: '1',
    query_wait_timeout: '1',
  });
  const { exitCode, stderr } = await runCli(['status'], { ...site.env, DATABASE_URL: pooler.url });
  assert.equal(exitCode, 1);
  assert.match(stderr, /E_DATABASE .*query_wait_timeout/);
});

test.run();
