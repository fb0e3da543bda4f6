import assert from 'node:assert/strict';
import os from 'node:os';
import { suite } from 'uvu';
import { createSite, type Site } from '../../testing/site.ts';
import { endAllCli, runCli, runJson, startCli } from './run-cli.ts';

const test = suite<{ site: Site }>('pause, resume and drain');
/** They count as running for half a minute after the time when they were seen. */
const INSTANCES = `INSERT INTO instances (id, host, pid, version, slots, engines, seen_at) VALUES
  ('0f91b185-1', 'lab', 7, '1', 2, '{"TRIVIAL": {"state": "ready", "version": "1", "note": ""}}', now() + interval '1 hour'),
  ('0f91c222-2', 'lab2', 8, '1', 2, '{"TRIVIAL": {"state": "ready", "version": "1", "note": ""}}', now() + interval '1 hour')`;

test.before(async (context) => {
  context.site = await createSite();
});
test.before.each(async ({ site }) => {
  await site.sql.query('DELETE FROM instances; DELETE FROM pauses; DELETE FROM tasks');
  await site.sql.query(INSTANCES);
});
test.after(async ({ site }) => {
  endAllCli();
  await site[Symbol.asyncDispose]();
});

test('a pause is shown with its reason and who did it, wherever a task waits for its end', async ({
  site,
}) => {
  const taskId = await site.addTask('one');
  const paused = await runCli(['pause', '--reason', 'the disk is exchanged'], site.env);
  const by = `paused by ${os.userInfo().username} since `;
  assert.equal(paused.exitCode, 0);
  assert.ok(paused.stdout.startsWith(`all tasks: ${by}`), paused.stdout);
  assert.match(paused.stdout, /: the disk is exchanged\n$/);
  const [status, shown, { document }, doctor] = await Promise.all([
    runCli(['status'], site.env),
    runCli(['show', taskId], site.env),
    runJson<{ pauses: { engine: null; reason: string }[]; hints: string[] }>(['status'], site.env),
    runCli(['doctor', '--problems'], site.env),
  ]);
  assert.ok(status.stdout.includes(`\nPaused\n  all tasks: ${by}`), status.stdout);
  assert.match(status.stdout, /\n1 waiting: all tasks: paused by .*; "bin\/autophon resume" ends it\n/);
  assert.match(shown.stdout, /\nnow +0 before it in the queue; all tasks: paused by /);
  assert.deepEqual([document.pauses[0]?.engine, document.pauses[0]?.reason], [null, 'the disk is exchanged']);
  assert.match(doctor.stdout, /warn +pause +all tasks: paused by /);
  const resumed = await runCli(['resume'], site.env);
  assert.deepEqual([resumed.exitCode, resumed.stdout], [0, 'resumed: all tasks\n']);
  assert.doesNotMatch((await runCli(['status'], site.env)).stdout, /paused/i);
});

test('an engine or a worker is named as status names it, and ends by the same name', async ({ site }) => {
  assert.equal((await runCli(['pause', '--engine', 'trivial'], site.env)).exitCode, 0);
  assert.equal((await runCli(['pause', '--instance', '0f91b'], site.env)).exitCode, 0);
  const wrong = await runCli(['resume'], site.env);
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.stderr, /this is not paused; what is paused: tasks of engine TRIVIAL: /);
  const one = await runCli(['resume', '--engine', 'TRIVIAL'], site.env);
  assert.match(
    one.stdout,
    /^resumed: tasks of engine TRIVIAL\nstill paused: worker 0f91b185 on lab: paused by /,
  );
  assert.match((await runCli(['resume', '--all'], site.env)).stdout, /^resumed: worker 0f91b185 on lab\n$/);
  assert.match((await runCli(['resume', '--all'], site.env)).stderr, /nothing is paused/);
});

test('an engine that no worker has is paused too, also before the first migrate or doctor', async ({
  site,
}) => {
  await site.sql.query('DELETE FROM instances; DELETE FROM engines');
  const { exitCode, stdout, stderr } = await runCli(['pause', '--engine', 'MFA2'], site.env);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^tasks of engine MFA2: paused by /);
});

test('a drain without a name is for all workers that run now, and for no later one', async ({ site }) => {
  const { stdout, exitCode } = await runCli(['drain', '--reason', 'update'], site.env);
  assert.equal(exitCode, 0);
  const drains = 'ends when its tasks have ended: drained by .*: update';
  assert.match(
    stdout,
    new RegExp(`^worker 0f91b185 on lab: ${drains}\nworker 0f91c222 on lab2: ${drains}\n$`),
  );
  await site.sql.query('UPDATE instances SET stopped_at = now(); UPDATE tasks SET priority = 1');
  await site.sql.query(INSTANCES.replaceAll("'0f91", "'1f91"));
  assert.doesNotMatch((await runCli(['status'], site.env)).stdout, /drained/);
});

test('an idle worker, which ends at once, is told as drained', async ({ site }) => {
  await site.sql.query(`CREATE FUNCTION end_drained() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN UPDATE instances SET stopped_at = now() WHERE id = NEW.instance; RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER end_drained AFTER INSERT ON pauses DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION end_drained()`);
  const { stdout } = await runCli(['drain', '--instance', '0f91b185'], site.env);
  await site.sql.query('DROP TRIGGER end_drained ON pauses; DROP FUNCTION end_drained()');
  assert.match(stdout, /^worker 0f91b185 on lab: ends when its tasks have ended: drained by /);
  const { rows } = await site.sql.query("SELECT stopped_at FROM instances WHERE id LIKE '0f91b185%'");
  assert.notEqual(rows[0].stopped_at, null);
});

test('a drained worker ends with status 0', async ({ site }) => {
  await site.sql.query('DELETE FROM instances');
  const worker = startCli(['worker'], site.env);
  await worker.said('worker ready');
  const { stdout } = await runCli(['drain', '--reason', 'update'], site.env);
  assert.match(stdout, /^worker [0-9a-f]{8} on .*: ends when its tasks have ended: drained by .*: update\n$/);
  const { exitCode, stderr } = await worker.ended;
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /worker\.draining/);
});

test('a name that matches nothing is refused with the names that exist', async ({ site }) => {
  const cases: [args: string[], said: RegExp][] = [
    [['pause', '--engine', 'TRIVAL'], /engine "TRIVAL": expected one of .*TRIVIAL.*; did you mean TRIVIAL\?/],
    [['pause', '--instance', '0f91'], /several workers begin with "0f91": 0f91b185, 0f91c222; give more/],
    [
      ['drain', '--instance', 'x'],
      /no worker "x": expected the id of one that runs, .* \(0f91b185, 0f91c222\)/,
    ],
    [['drain', '--engine', 'TRIVIAL'], /no option --engine/],
    [['resume', '--all', '--engine', 'TRIVIAL'], /--all goes with no other option/],
    [['pause', 'now'], /"now": expected no arguments/],
    [['pause', '--reason', 'x'.repeat(1001)], /--reason: expected at most 1000 characters, found 1001/],
  ];
  await Promise.all(
    cases.map(async ([args, said]) => {
      const { exitCode, stderr } = await runCli(args, site.env);
      assert.match(stderr, said);
      assert.equal(exitCode, 2, stderr);
    }),
  );
  assert.equal((await site.sql.query('SELECT FROM pauses')).rowCount, 0);
});

test.run();
