import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { singleConnection } from '../../src/db/connect.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { type Checkout, copyCheckout, type MakeOptions } from '../support/checkout.ts';

const HAS_PSQL = spawnSync('psql', ['--version']).status === 0;
const NOWHERE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };

const test = suite<{ site: Site; checkout: Checkout }>(
  'make targets for operators, in a folder with an odd name',
);

test.before(async (context) => {
  context.checkout = copyCheckout();
  context.site = await createSite();
});

test.after(async ({ site, checkout }) => {
  checkout[Symbol.dispose]();
  await site[Symbol.asyncDispose]();
});

test('make help lists the targets, and so does make alone', async ({ checkout: { make } }) => {
  const { stdout, exitCode } = await make('help');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^ {2}make demo +Align real recordings/m);
  assert.equal((await make('--silent')).stdout, stdout);
});

test('the list of targets keeps to the width of the terminal, and loses no word', async ({
  checkout: { make, dir },
}) => {
  const { stdout } = await make('help');
  for (const columns of [60, 80, 200]) {
    const command = `stty cols ${columns} && make --no-print-directory help`;
    const shown = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: dir, encoding: 'utf8' }).stdout;
    const lines = shown.split('\r\n');
    assert.ok(lines.length > 20 && Math.max(...lines.map((line) => line.length)) <= columns, shown);
    assert.deepEqual(shown.trim().split(/\s+/), stdout.trim().split(/\s+/));
  }
});

test('make install says nothing when there is nothing to do', async ({ checkout: { make } }) => {
  assert.deepEqual(await make('install'), { exitCode: 0, stdout: '', stderr: '' });
});

test('make link makes a command of it, says where, and overwrites nothing', async ({
  checkout: { make, dir },
}) => {
  const env = { LINK_DIR: path.join(dir, '../bin $x') };
  const link = path.join(env.LINK_DIR, 'autophon');
  const linked = await make('link', { env });
  assert.equal(linked.exitCode, 0, linked.stderr);
  assert.ok(linked.stdout.startsWith(`outside this project: ${link} leads to `), linked.stdout);
  const { status, stdout } = spawnSync(link, ['--version'], { encoding: 'utf8', cwd: '/' });
  assert.equal(status, 0);
  assert.match(stdout, /^autophon \d/);
  rmSync(link);
  writeFileSync(link, 'mine');
  assert.match((await make('link', { env })).stderr, /is there already and leads elsewhere/);
  rmSync(link);
  // A link of a project that has been moved since.
  symlinkSync('/nowhere/bin/autophon', link);
  assert.equal((await make('link', { env })).exitCode, 0);
  assert.equal(spawnSync(link, ['--version']).status, 0);
});

test('make submit, status, cancel and retry do the same as the command', async ({
  site,
  checkout: { make },
}) => {
  const run = async (target: string, ...values: string[]) => {
    const { exitCode, stdout, stderr } = await make(target, { values, env: site.env });
    assert.equal(exitCode, 0, `make ${target}: ${stdout}${stderr}`);
    return stdout;
  };
  const submitted = await run('submit', 'ARGS=samples/french-read --lang fraFR_SPHINX_v010 --user ann');
  const [, taskId = ''] = /queued task (\S+)/.exec(submitted) ?? [];
  assert.match(await run('status'), /uploaded +1/);
  assert.match(await run('cancel', `TASK=${taskId}`), new RegExp(taskId));
  assert.equal((await site.row(taskId)).task_status, 'cancelled');
  assert.match(await run('retry', `TASK=${taskId}`), new RegExp(`queued task ${taskId} again`));
  assert.match(await run('retry', 'CODE=E_DISK_FULL'), /no task has failed with E_DISK_FULL/);
  await run('cancel', `TASK=${taskId}`);
});

test('make cancel and make retry without a task print their usage', async ({ site, checkout: { make } }) => {
  for (const target of ['cancel', 'retry']) {
    const { exitCode, stderr } = await make(target, { env: site.env });
    assert.equal(exitCode, 2);
    assert.match(stderr, new RegExp(`^Usage: make ${target} TASK=<task id>`));
  }
});

test('a value is never run as a part of a command', async ({ site, checkout: { make, dir } }) => {
  for (const target of ['cancel', 'retry']) {
    const { stderr } = await make(target, { values: ['TASK=`touch x`$$(touch x);touch x'], env: site.env });
    assert.match(stderr, /E_USAGE {2}no task "`touch x`\$\(touch x\);touch x"/);
  }
  assert.equal(existsSync(path.join(dir, 'x')), false);
});

test('make migrate and make doctor find the database in order', async ({ site, checkout: { make } }) => {
  const migrated = await make('migrate', { env: site.env });
  assert.equal(migrated.exitCode, 0, migrated.stderr);
  assert.match(migrated.stdout, /^the database is up to date/);
  const examined = await make('doctor', { env: site.env });
  assert.equal(examined.exitCode, 0, examined.stdout);
});

test('make tune prints a setting that .env takes, and says when another one is set', async ({
  checkout: { make },
}) => {
  const { exitCode, stdout } = await make('tune', { env: { ALIGNMENT_WORKERS: '63' } });
  assert.equal(exitCode, 0, stdout);
  assert.match(stdout, /^SPHINX +yes +1 +400 MiB +\d+ +\d+ +\d+\nMFA1 +no +2 +2 GiB /m);
  assert.match(stdout, /^ALIGNMENT_WORKERS=[1-9]\d* {4}# now 63$/m);
  const wrong = await make('tune', { env: { ALIGNMENT_WORKERS: 'many' } });
  assert.deepEqual(
    [wrong.exitCode, /^E_CONFIG {2}ALIGNMENT_WORKERS/m.test(wrong.stderr)],
    [2, true],
    wrong.stderr,
  );
});

test('a command that fails makes make fail', async ({ checkout: { make } }) => {
  for (const target of ['status', 'doctor', 'migrate'])
    assert.equal((await make(target, { env: NOWHERE })).exitCode, 2, target);
});

test('the queries of operators are answered without psql, with the numbers that psql shows', async ({
  site,
  checkout: { make, dir },
}) => {
  const taskId = await site.addTask('one', { user: 'zoe' });
  await site.addTask('two', { user: 'ann' });
  await site.sql.query(`
    INSERT INTO instances (id, host, pid, version, slots, engines, seen_at)
      VALUES ('0f91b185', 'lab', 7, '1', 2, '{"TRIVIAL": {"state": "ready", "version": "1", "note": ""}}',
              now() + interval '1 hour');
    INSERT INTO pauses (engine, reason, paused_by) VALUES ('MFA2', 'a new model', 'ann')`);
  for (const status of ['completed', 'failed']) {
    await site.addTask('done', { user: 'zoe' });
    await site.sql.query(
      `UPDATE tasks SET task_status = 'processing', fence = 1, instance = '0f91b185', stage = 'align', started_at = now()
       WHERE id = (SELECT max(id) FROM tasks)`,
    );
    await site.sql.query(
      `UPDATE tasks SET task_status = $1, download_path = 'zoe/otp/x.zip', audio_seconds = 3600, words = 17,
         error_code = CASE WHEN $1 = 'failed' THEN 'E_IO' END, error_message = CASE WHEN $1 = 'failed' THEN 'disk' END
       WHERE id = (SELECT max(id) FROM tasks)`,
      [status],
    );
    await site.sql.query(
      'DELETE FROM pgboss.job WHERE id = (SELECT job_id FROM tasks ORDER BY id DESC LIMIT 1)',
    );
  }
  // In the same hour.
  await site.sql.query('UPDATE tasks SET finished_at = now() WHERE finished_at IS NOT NULL');
  const waiting = [
    /^engine +ready .*\nTRIVIAL +2 /m,
    /^zoe +1 +0 +0 .* 1 +1 +1\.00$/m,
    /^MFA2 .*a new model +ann /m,
  ];
  const failed = [
    /^E_IO +1 +1 +1 +1 /m,
    /^\S+ \S+ \S+ +1 +E_IO 1$/m,
    / zoe +engUS_TRIVIAL_v010 +E_IO +disk /,
  ];
  const done = [/^hour .*\n\S+ \S+ \S+ +1 +1 +\d+ +1\.00 +17$/m, /^TRIVIAL +engUS_TRIVIAL_v010 +1 /m];
  const said: readonly (readonly [target: string, answers: readonly RegExp[]])[] = [
    ['queue', waiting],
    ['failures', failed],
    ['throughput', done],
    [
      'instances',
      [/^0f91b185 +lab +7 +2 +0 +1 +1 /m, /^0f91b185 +1 +TRIVIAL +paused by ann, MFA2: a new model$/m],
    ],
    ['stuck', [/^In processing, but .*\n(?:.*\n)*none$/m]],
  ];
  for (const [target, answers] of said) {
    const before = HAS_PSQL ? numbersOfPsql(dir, target, site.url) : [];
    const { exitCode, stdout, stderr } = await make(target, { env: site.env });
    assert.equal(exitCode, 0, stderr);
    for (const answer of answers) assert.match(stdout, answer);
    const after = HAS_PSQL ? numbersOfPsql(dir, target, site.url) : [];
    // The time that something has waited grows meanwhile.
    const same = before.filter((number, at) => number === after[at]);
    const ours = numbersIn(stdout).join(' ');
    for (const number of same) assert.ok(` ${ours} `.includes(` ${number} `), `${target}: ${number}`);
  }
  const task = await make('task', { values: [`ID=${taskId}`], env: site.env });
  assert.ok(task.stdout.startsWith(`task ${taskId}  uploaded\n`), task.stdout + task.stderr);
  const { exitCode, stderr } = await make('task', { env: site.env });
  assert.equal(exitCode, 2);
  assert.match(stderr, /^Usage: make task ID=<task id>/);
  await site.sql.query('DELETE FROM pauses; DELETE FROM instances; DELETE FROM tasks');
});

test('make psql asks the database, or says how to get psql', async ({ site, checkout: { make } }) => {
  const said: [target: string, answer: RegExp, more?: MakeOptions][] = [
    ['psql', /^ *42$/m, { input: 'SELECT 6 * 7;' }],
    ['psql', /task_status[\s\S]*rows?\)/, { input: '\\i scripts/sql/status.sql' }],
  ];
  for (const [target, answer, more] of said) {
    const { exitCode, stdout, stderr } = await make(target, { ...more, env: site.env });
    if (HAS_PSQL) assert.equal(exitCode, 0, stderr);
    assert.match(stdout + stderr, HAS_PSQL ? answer : /apt install postgresql-client/, target);
  }
});

test('make stuck and make failures on a database without our tables name the next step', async ({
  site,
  checkout: { make },
}) => {
  const name = `${new URL(site.url).pathname.slice(1)}_empty`;
  await site.sql.query(`CREATE DATABASE ${name}`);
  try {
    const url = new URL(site.url);
    url.pathname = `/${name}`;
    for (const target of ['stuck', 'failures']) {
      const { exitCode, stderr } = await make(target, { env: { ...site.env, DATABASE_URL: url.href } });
      assert.equal(exitCode, 2);
      assert.match(stderr, /^E_DATABASE {2}.*Run "make migrate"/, stderr);
    }
  } finally {
    await site.sql.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }
});

for (const [target, count] of [
  ['worker', 1],
  ['workers', 2],
  ['web', 1],
] as const) {
  test(`make ${target} runs until Ctrl-C, and ends with its workers`, async ({
    site,
    checkout: { startMake },
  }) => {
    const running = async () =>
      (await site.sql.query('SELECT id FROM instances WHERE stopped_at IS NULL AND slots > 0')).rows.length;
    const child = startMake(target, {
      values: [`N=${count}`],
      env: { ...site.env, WEB: '127.0.0.1:0' },
    });
    child.stdout?.resume();
    child.stderr?.resume();
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    await site.until(`${count} workers`, async () => (await running()) === count);
    // A terminal sends the signal to the whole process group.
    process.kill(-(child.pid ?? Number.NaN), 'SIGINT');
    await ended;
    assert.equal(await running(), 0);
  });
}

test('make db-start makes a database in the folder, make db-stop stops it, and make clean stops it too', async ({
  checkout: { make, dir },
}) => {
  const started = await make('db-start');
  assert.equal(started.exitCode, 0, started.stderr);
  assert.ok(started.stdout.includes(`data in ${path.join(dir, '.data/postgres')}`), started.stdout);
  const { url } = await startEmbedded({ dataDir: path.join(dir, '.data/postgres') });
  const clients = [1, 2].map(() => singleConnection(url, 'their program'));
  for (const client of clients) {
    client.on('error', () => undefined);
    await client.connect();
  }
  const stopped = await make('db-stop');
  assert.equal(stopped.exitCode, 0, stopped.stderr);
  assert.match(
    stopped.stdout,
    /^the database: stopped\n {2}were connected: their program \(2 connections\)$/m,
  );
  assert.match((await make('db-start')).stdout, /^started/);
  const cleaned = await make('clean');
  assert.equal(cleaned.exitCode, 0, cleaned.stderr);
  assert.match(cleaned.stdout, /^the database: stopped$/m);
  assert.deepEqual(
    ['node_modules', '.data/postgres', 'src'].map((name) => existsSync(path.join(dir, name))),
    [false, true, true],
  );
});

test.run();

/** The numbers that psql shows for a query of operators. */
function numbersOfPsql(dir: string, target: string, address: string): readonly string[] {
  // Not as an argument: another test looks for the password in the list of processes.
  const url = new URL(address);
  const env = { ...process.env, PGPASSWORD: decodeURIComponent(url.password) };
  url.password = '';
  const shown = spawnSync(
    'psql',
    ['-X', '-q', '-A', '-t', '-F', ' ', '-f', `scripts/sql/${target}.sql`, url.href],
    { cwd: dir, env, encoding: 'utf8' },
  );
  assert.equal(shown.stderr, '');
  return numbersIn(shown.stdout);
}

/** Without those of times of day, which are written in another form. */
function numbersIn(text: string): readonly string[] {
  return text.match(/(?<![\w.:+-])\d+(?:\.\d+)?(?![\w.:-])/g) ?? [];
}
