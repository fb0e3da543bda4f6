/**
 * Programs of other versions on one database: as in docs/operations.md under "Update" and "Back to the version before".
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { createEmptyDatabase } from '../../testing/database.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { type CliProcess, endAllCli, startCli } from '../cli/run-cli.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
/** The last version that operators have received. */
const LAST_RELEASE = '79ae550';
/** The first migration whose file says which programs go on working. */
const FIRST_MARKED = 25;
const LANG = 'engUS_SPHINX_v010';
const MARKS = /^-- (Works with programs that have \d{4} or later|Stop all workers before it)\.$/m;

interface Context {
  site: Site;
  /** Where another version of the program is. */
  dir: string;
}

const test = suite<Context>('other versions');

test.before.each(async (context) => {
  context.site = await createSite({ database: await createEmptyDatabase() });
  context.dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-version-'));
});
test.after.each(async ({ site, dir }) => {
  endAllCli();
  await site[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const hasHistory =
  spawnSync('git', ['cat-file', '-e', `${LAST_RELEASE}^{commit}`], { cwd: ROOT_DIR, stdio: 'ignore' })
    .status === 0;

(hasHistory ? test : test.skip)(
  'a worker of the last release goes on while this version migrates the database, and both take tasks',
  async ({ site, dir }) => {
    extractRelease(dir);
    await end(startCli(['migrate'], site.env, dir));
    const old = startCli(['worker'], site.env, dir);
    await old.said('worker ready');
    const before = await addTask(site, 'before');
    await end(startCli(['migrate'], site.env));
    const after = await addTask(site, 'after');
    assert.equal((await site.waitFor(before, 'completed', 'failed')).task_status, 'completed');
    const done = await site.waitFor(after, 'completed', 'failed');
    assert.deepEqual([done.task_status, done['instance']], ['completed', await onlyInstance(site)]);
    old.child.kill('SIGTERM');
    assert.equal((await old.ended).exitCode, 0);

    // It may also be started again: what has changed since says that it works with it.
    const again = await startCli(['status'], site.env, dir).ended;
    assert.equal(again.exitCode, 0, again.stderr);
  },
);

test('this version works on a database that a later one has migrated, if its migrations say so', async ({
  site,
  dir,
}) => {
  copyVersion(dir);
  const queueVersion = addMigration(
    dir,
    '9998_later.sql',
    `-- Works with programs that have ${lastNumber()} or later.`,
  );
  await end(startCli(['migrate'], site.env, dir));
  const own = await end(startCli(['migrate'], site.env));
  assert.match(own.stdout, /^the database is up to date: \d+ migrations$/m);
  assert.match(
    own.stdout,
    new RegExp(
      `^a newer version has applied 9998_later\\.sql, queue\\.sql@${queueVersion}; this version works with that$`,
      'm',
    ),
  );
  const { rows } = await site.sql.query("SELECT name FROM schema_migrations WHERE name LIKE 'queue.sql%'");
  assert.deepEqual(rows, [{ name: `queue.sql@${queueVersion}` }]);

  const worker = startCli(['worker'], site.env);
  await worker.said('worker ready');
  const taskId = await addTask(site, 'one');
  assert.equal((await site.waitFor(taskId, 'completed', 'failed')).task_status, 'completed');
  worker.child.kill('SIGTERM');
  assert.equal((await worker.ended).exitCode, 0);
});

for (const [what, mark] of [
  ['does not say that this one goes on working', '-- It drops a column.'],
  ['needs a later one', '-- Works with programs that have 9997 or later.'],
]) {
  test(`this version refuses a database with a migration that ${what}`, async ({ site, dir }) => {
    copyVersion(dir);
    addMigration(dir, '9999_other.sql', mark ?? '');
    await end(startCli(['migrate'], site.env, dir));
    for (const command of ['migrate', 'worker', 'status']) {
      const { exitCode, stderr } = await startCli([command], site.env).ended;
      assert.equal(exitCode, 1, command);
      assert.match(
        stderr,
        /E_DATABASE {2}the database has run 9999_other\.sql, which the version in .* is too old for it/,
      );
    }
  });
}

test('each migration says which programs go on working, or that all workers must be stopped', () => {
  const marked = migrations().filter((name) => Number(name.slice(0, 4)) >= FIRST_MARKED);
  const unmarked = marked.filter(
    (name) => !MARKS.test(readFileSync(path.join(ROOT_DIR, 'migrations', name), 'utf8')),
  );
  assert.deepEqual(unmarked, []);
});

test.run();

function extractRelease(dir: string): void {
  const tar = execFileSync('git', ['archive', LAST_RELEASE, 'bin', 'src', 'migrations', 'package.json'], {
    cwd: ROOT_DIR,
    maxBuffer: 64 * 1024 * 1024,
  });
  execFileSync('tar', ['-x', '-C', dir], { input: tar });
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(dir, 'node_modules'));
}

function copyVersion(dir: string): void {
  for (const name of ['bin', 'src', 'migrations', 'package.json'])
    cpSync(path.join(ROOT_DIR, name), path.join(dir, name), { recursive: true });
  symlinkSync(path.join(ROOT_DIR, 'node_modules'), path.join(dir, 'node_modules'));
}

/** Adds a migration to a copy of the program and changes the functions of its queue. @returns their version */
function addMigration(dir: string, name: string, mark: string): number {
  writeFileSync(path.join(dir, 'migrations', name), `${mark}\nALTER TABLE tasks ADD COLUMN later text;\n`);
  const file = path.join(dir, 'src/queue/queue.sql');
  const text = readFileSync(file, 'utf8');
  const version = Number(/^-- Version (\d+)$/m.exec(text)?.[1]) + 1;
  writeFileSync(file, text.replace(/^-- Version \d+$/m, `-- Version ${version}`));
  appendFileSync(file, '\n-- Changed.\n');
  return version;
}

function migrations(): string[] {
  return readdirSync(path.join(ROOT_DIR, 'migrations')).filter((name) => /^\d{4}_/.test(name));
}

function lastNumber(): string {
  return migrations().sort().at(-1)?.slice(0, 4) ?? '';
}

async function end(started: CliProcess) {
  const result = await started.ended;
  assert.equal(result.exitCode, 0, `${result.stdout}${result.stderr}`);
  return result;
}

/** As an application does that knows the columns of the last release. */
async function addTask(site: Site, taskId: string): Promise<string> {
  const taskPath = `ann/upl/${taskId}`;
  mkdirSync(path.join(site.uploadsDir, 'ann/upl'), { recursive: true });
  cpSync(path.join(ROOT_DIR, 'samples/english-conversation'), path.join(site.uploadsDir, taskPath), {
    recursive: true,
  });
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', $2, $3, 'uploaded')",
    [taskId, LANG, taskPath],
  );
  return taskId;
}

async function onlyInstance(site: Site): Promise<string> {
  const { rows } = await site.sql.query<{ id: string }>('SELECT id FROM instances');
  assert.equal(rows.length, 1);
  return rows[0]?.id ?? '';
}
