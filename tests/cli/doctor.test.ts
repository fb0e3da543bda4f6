import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { suite } from 'uvu';
import { installAdmin } from '../../testing/admin.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { fillUp, makeSmallDisk } from '../support/small-disk.ts';
import { runCli, runJson } from './run-cli.ts';

const FIXTURES_DIR = path.resolve(import.meta.dirname, '../fixtures');

const test = suite<{ site: Site }>('doctor, migrate and db');

test.before(async (context) => {
  context.site = await createSite();
});

test.after(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

interface Diagnosis {
  readonly healthy: boolean;
  readonly checks: readonly {
    readonly area: string;
    readonly state: string;
    readonly subject: string;
    readonly found: string;
    readonly fix: string | null;
  }[];
}

function find({ checks }: Diagnosis, subject: string, area?: string) {
  return checks.find((check) => check.subject === subject && (area === undefined || check.area === area));
}

test('on a correct site the doctor finds nothing to fix, names where settings come from, and hides passwords', async ({
  site,
}) => {
  const { exitCode, document } = await runJson<Diagnosis>(['doctor'], site.env);
  assert.deepEqual(
    document.checks.filter(({ state }) => state === 'wrong'),
    [],
  );
  assert.equal(exitCode, 0);
  assert.equal(document.healthy, true);
  assert.equal(find(document, 'UPLOADS', 'settings')?.found, `${site.uploadsDir} (environment)`);
  assert.equal(find(document, 'CRASH_LIMIT')?.found, '3 (default)');
  assert.match(find(document, 'machine')?.found ?? '', /^\d+ cores, \d+ for the engine of each task; /);
  assert.equal(find(document, 'SPHINX')?.state, 'ok');
  assert.equal(find(document, 'MFA1', 'engines')?.state, 'off');
  assert.match(find(document, 'notifications')?.found ?? '', /^arrive after \d+ ms$/);
  assert.equal(find(document, 'migrations')?.found, 'all applied');
  assert.match(find(document, 'workers')?.fix ?? '', /make worker/);
  const { password } = new URL(site.url);
  assert.ok(password === '' || !JSON.stringify(document).includes(password));
});

test('the doctor tries what webhooks need, and names the receivers that could not be told', async ({
  site,
}) => {
  const secretPath = path.join(site.dir, 'key');
  const env = {
    ...site.env,
    WEBHOOK_HOSTS: 'app.example.org',
    WEBHOOK_SECRET: secretPath,
    DONE_COMMAND: 'no-such',
  };
  writeFileSync(secretPath, 'whsec_c2hvcnQ=\n');
  const wrong = (await runJson<Diagnosis>(['doctor'], env)).document;
  assert.match(
    find(wrong, 'webhooks')?.found ?? '',
    /expected whsec_ and at least 24 bytes in base64 on each line/,
  );
  assert.ok(!JSON.stringify(wrong).includes('c2hvcnQ'));
  assert.match(find(wrong, 'done command')?.found ?? '', /^no-such: no such executable file$/);
  writeFileSync(secretPath, `whsec_${'A'.repeat(32)}\nwhsec_${'B'.repeat(44)}\n`);
  await site.sql.query(`INSERT INTO webhooks VALUES ('*', 'https://app.example.org/aligned')`);
  const taskId = await site.addTask('one');
  await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
  await site.sql.query("UPDATE deliveries SET ended_at = now() - interval '1 hour', answer = 'HTTP 500'");
  const [{ document }, status] = await Promise.all([
    runJson<Diagnosis>(['doctor'], { ...env, DONE_COMMAND: 'true' }),
    runCli(['status'], site.env),
  ]);
  await site.sql.query('DELETE FROM webhooks');
  await site.sql.query('DELETE FROM tasks');
  assert.equal(find(document, 'webhooks')?.found, 'to https://app.example.org; keys: 2');
  assert.equal(find(document, 'done command')?.state, 'ok');
  const late = 'messages that are late: 1, the oldest to https://app.example.org/aligned: HTTP 500';
  assert.ok(status.stdout.includes(late), status.stdout);
  assert.deepEqual(
    [find(document, 'deliveries')?.state, find(document, 'deliveries')?.found],
    ['warn', late],
  );
});

test('the doctor brings the tables of engines and languages up to date', async ({ site }) => {
  await site.sql.query("INSERT INTO languages VALUES ('oldXX_GONE_v010', 'GONE', 'Old', 'x', true)");
  await runCli(['doctor'], site.env);
  const { rows } = await site.sql.query('SELECT code, engine, is_active FROM languages ORDER BY code');
  assert.deepEqual(
    rows.map(({ code }) => code),
    ['engUS_SPHINX_v010', 'fraFR_SPHINX_v010'],
  );
  const { rows: engines } = await site.sql.query("SELECT state FROM engines WHERE name = 'SPHINX'");
  assert.deepEqual(engines, [{ state: 'ready' }]);
});

test('each fault is named with its fix, and the exit code is 1', async ({ site }) => {
  const blocked = path.join(site.dir, 'blocked');
  writeFileSync(blocked, '');
  const broken = path.join(site.dir, 'admin');
  mkdirSync(path.join(broken, 'engUS_MFA1_v010'), { recursive: true });
  writeFileSync(path.join(broken, 'langs.json'), '{"langs": [}');
  const env = {
    ...site.env,
    UPLOADS: path.join(blocked, 'uploads'),
    MFA1: '/nowhere/mfa_align',
    ADMIN: broken,
  };
  const { exitCode, document } = await runJson<Diagnosis>(['doctor', '--problems'], env);
  assert.equal(exitCode, 1);
  assert.equal(document.healthy, false);
  assert.ok(document.checks.every(({ state }) => state === 'wrong' || state === 'warn'));
  assert.match(find(document, 'UPLOADS')?.found ?? '', /blocked: not a folder/);
  assert.equal(find(document, 'MFA1', 'engines')?.state, 'wrong');
  assert.match(find(document, 'langs.json')?.found ?? '', /langs\.json line 1/);
});

test('languages of a site are listed, also those whose engine is missing', async ({ site }) => {
  const { document } = await runJson<Diagnosis>(['doctor'], {
    ...site.env,
    ADMIN: path.join(FIXTURES_DIR, 'admin'),
  });
  const english = find(document, 'engUS_MFA1_v010');
  assert.equal(english?.state, 'warn');
  assert.match(english?.found ?? '', /its engine MFA1 is not ready here/);
});

test('doctor and migrate name each language that cannot be used, with file and line, also for half-copied files', async ({
  site,
}) => {
  const adminDir = await installAdmin(path.join(site.dir, 'spoilt'));
  const code = 'iceIS_MFA1_v010';
  writeFileSync(
    path.join(adminDir, code, `${code}_cleanup.txt`),
    '"a" substitute "b"\r\n"[x" rsubstitute "b"\r\n',
  );
  rmSync(path.join(adminDir, code, `${code}.zip`));
  appendFileSync(path.join(adminDir, 'engUS_FAVE_v010/engUS_FAVE_v010.dict'), 'lonely\n');
  writeFileSync(path.join(adminDir, 'engUS_MFA1_v010/engUS_MFA1_v010.zip'), '');
  const env = { ...site.env, ADMIN: adminDir };
  const { document } = await runJson<Diagnosis>(['doctor'], env);
  const found = (state: string) =>
    document.checks
      .filter((check) => check.area === 'languages' && check.state === state)
      .map(({ subject, found: text }) => `${subject}: ${text}`);
  assert.deepEqual(found('wrong'), [
    `${code}: ${code}/${code}.zip: missing: MFA1 needs an acoustic model\n${code}/${code}_cleanup.txt line 2: "[" without "]"`,
    `engUS_MFA1_v010: ${adminDir}/engUS_MFA1_v010/engUS_MFA1_v010.zip: not a zip archive`,
  ]);
  assert.match(
    found('warn').join('\n'),
    /^engUS_FAVE_v010: engUS_FAVE_v010\/engUS_FAVE_v010\.dict line \d+: expected a word, a TAB and phones, found only "lonely"; the line is ignored$/m,
  );
  const migrated = await runCli(['migrate'], env);
  assert.equal(migrated.exitCode, 0);
  assert.match(
    migrated.stderr,
    /^E_LANGUAGE_BROKEN {2}iceIS_MFA1_v010\/iceIS_MFA1_v010_cleanup\.txt line 2: /m,
  );
  assert.match(migrated.stderr, /\ncannot be run: iceIS_MFA1_v010\n/);
});

test('a missing folder of languages hides nothing about the engines', async ({ site }) => {
  const { document } = await runJson<Diagnosis>(['doctor'], { ...site.env, ADMIN: '/nowhere' });
  assert.equal(find(document, 'SPHINX', 'engines')?.state, 'ok');
  assert.equal(find(document, 'ADMIN', 'languages')?.state, 'wrong');
  assert.equal(find(document, 'engUS_SPHINX_v010')?.state, 'ok');
  const { rows } = await site.sql.query('SELECT count(*)::int AS n FROM languages WHERE is_active');
  assert.ok(rows[0].n >= 2, 'what was known of languages is left alone');
});

test('doctor makes no folders: they would belong to the user who ran it', async ({ site }) => {
  const env = { ...site.env, TEMP_DIR: path.join(site.dir, 'not-yet') };
  const { document } = await runJson<Diagnosis>(['doctor'], env);
  assert.equal(find(document, 'SPHINX', 'engines')?.state, 'ok');
  assert.equal(existsSync(env.TEMP_DIR), false);
});

test('a temporary folder in which engines cannot work is reported once, and no engine is blamed', async ({
  site,
}) => {
  await using disk = await makeSmallDisk(1 << 20);
  if (disk !== null) await fillUp(disk.dir);
  const { rows: before } = await site.sql.query('SELECT * FROM engines ORDER BY name');
  const spoilt: [setting: string, dir: string, said: RegExp][] = [
    ['TEMP_DIR', path.join(site.dir, 'a blank'), /^TEMP_DIR=.*: expected plain ASCII letters/],
    ['TEMP_DIR', '/proc/none', /^\/proc\/none: ENOENT/],
    ...(disk === null ? [] : [['TEMP_DIR', disk.dir, /: 0 bytes free$/] as [string, string, RegExp]]),
    ...(disk === null ? [] : [['TMPDIR', disk.dir, /: 0 bytes free$/] as [string, string, RegExp]]),
  ];
  for (const [setting, dir, said] of spoilt) {
    const { exitCode, document } = await runJson<Diagnosis>(['doctor'], { ...site.env, [setting]: dir });
    assert.equal(exitCode, 1);
    const [wrong, ...others] = document.checks.filter(({ state }) => state === 'wrong');
    assert.deepEqual([wrong?.subject, others], [setting, []]);
    assert.match(wrong?.found ?? '', said);
    const engines = document.checks.filter(({ area }) => area === 'engines');
    assert.ok(engines.every(({ state }) => state === 'off'));
    assert.equal(find(document, 'SPHINX', 'engines')?.found, `not checked: ${setting} is not in order`);
    assert.match(find(document, 'MFA1', 'engines')?.found ?? '', /MFA1/);
    assert.match(find(document, 'engUS_SPHINX_v010')?.found ?? '', /its engine SPHINX was not checked$/);
  }
  assert.deepEqual((await site.sql.query('SELECT * FROM engines ORDER BY name')).rows, before);
  if (disk !== null) assert.deepEqual(readdirSync(disk.dir), ['filler']);
});

test('invalid settings and a database that does not answer are listed like all other findings', async ({
  site,
}) => {
  const [settings, database] = await Promise.all([
    runJson<Diagnosis>(['doctor'], { ...site.env, ALIGNMENT_WORKERS: 'many' }),
    runJson<Diagnosis>(['doctor'], { ...site.env, DATABASE_URL: 'postgres://me:hidden@127.0.0.1:1/none' }),
  ]);
  assert.equal(settings.exitCode, 1);
  assert.equal(find(settings.document, 'ALIGNMENT_WORKERS')?.state, 'wrong');
  assert.equal(database.exitCode, 1);
  assert.match(
    find(database.document, 'server')?.found ?? '',
    /no connection to postgres:\/\/me@127\.0\.0\.1:1/,
  );
  assert.doesNotMatch(JSON.stringify(database.document), /hidden/);
});

test('without --json the findings are a table: what to fix first, the settings last, then the counts', async ({
  site,
}) => {
  const { stdout } = await runCli(['doctor'], { ...site.env, MFA1: '/nowhere/mfa_align' });
  assert.match(stdout, /^to fix\n {2}WRONG {2}MFA1 /);
  const titles = stdout.split('\n').filter((line) => /^[a-z]+$/.test(line));
  assert.deepEqual(titles, ['system', 'folders', 'database', 'engines', 'languages', 'settings']);
  assert.match(stdout, /\nsettings\n {2}ok {5}DATABASE_URL/);
  assert.match(stdout, /\n1 thing to fix, \d+ warnings?\n$/);
  const healthy = await runCli(['doctor'], site.env);
  assert.match(healthy.stdout, /\neverything that is needed works, \d+ warnings?\n$/);
});

test('migrate may run at any time, and lists the engines and languages that can be used', async ({
  site,
}) => {
  const { exitCode, document } = await runJson<{ applied: string[]; total: number; engines: string[] }>(
    ['migrate'],
    site.env,
  );
  assert.equal(exitCode, 0);
  assert.deepEqual(document.applied, []);
  assert.ok(document.total >= 5);
  assert.ok(document.engines.includes('SPHINX'));
});

test('a database that was never migrated is not touched by other commands', async ({ site }) => {
  const name = `${new URL(site.url).pathname.slice(1)}_empty`;
  await site.sql.query(`CREATE DATABASE ${name}`);
  try {
    const url = new URL(site.url);
    url.pathname = `/${name}`;
    const env = { ...site.env, DATABASE_URL: url.href };
    const refused = await runCli(['status'], env);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.stderr, /^E_DATABASE {2}.*Run "make migrate"/);
    const { document } = await runJson<{ applied: string[] }>(['migrate'], env);
    assert.ok(document.applied.length >= 5);
    assert.equal((await runCli(['status'], env)).exitCode, 0);
  } finally {
    await site.sql.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }
});

test('a server of DATABASE_URL is only checked, never started or stopped', async ({ site }) => {
  const { exitCode, document } = await runJson<{ state: string; builtIn: boolean }>(
    ['db', 'status'],
    site.env,
  );
  assert.equal(exitCode, 0);
  assert.equal(document.state, 'running');
  assert.equal(document.builtIn, false);
  for (const action of ['start', 'stop']) {
    const refused = await runCli(['db', action], site.env);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, /DATABASE_URL is set/);
  }
});

test('db status says that the built-in server was never created, and does not fail', async ({ site }) => {
  const { DATABASE_URL: _, ...env } = site.env;
  const { exitCode, document } = await runJson<{ state: string }>(['db', 'status'], env);
  assert.equal(document.state, 'absent');
  assert.equal(exitCode, 1);
});

test.run();
