import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { inTemporaryDir, makeFolder, removeAbandonedDirs } from '../../src/base/make-folder.ts';
import { runCli } from './run-cli.ts';

const NO_DATABASE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
/** Making a folder there fails with "parent is missing", for which Node itself would try again for ever. */
const NEVER_MADE = '/proc/autophon/folder';

/** Folders one in the other, with a path of 2,510 characters. The limit is 4,096. */
const LONG: readonly string[] = Array.from({ length: 10 }, () => 'd'.repeat(250));

const test = suite<{ dir: string }>('folders that settings name');

test.before.each((context) => {
  context.dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-folders-'));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

test('a TMPDIR that is missing, not a folder or not a full path is a fault of the settings, which doctor shows', async ({
  dir,
}) => {
  const file = path.join(dir, 'file');
  writeFileSync(file, '');
  for (const TMPDIR of [path.join(dir, 'missing'), 'relative', file]) {
    const [worker, doctor] = await Promise.all([
      runCli(['worker'], { ...NO_DATABASE, TMPDIR }),
      runCli(['doctor'], { ...NO_DATABASE, TMPDIR }),
    ]);
    assert.equal(worker.exitCode, 2, TMPDIR);
    assert.ok(
      worker.stderr.includes(`TMPDIR=${TMPDIR}: expected the full path of a folder that is there`),
      worker.stderr,
    );
    assert.match(doctor.stdout, /WRONG {2}TMPDIR /);
  }
});

test('where no temporary folder can be made, the error names TMPDIR and the fix', async ({ dir }) => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = path.join(dir, 'missing');
  try {
    await assert.rejects(inTemporaryDir('autophon-', assert.fail), {
      code: 'E_CONFIG',
      message: `TMPDIR=${dir}/missing: no folder can be made there (ENOENT). Let this user write there, or set TMPDIR to another folder.`,
    });
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

/** Starts a process that works in a temporary folder until it is killed. */
async function workIn(dir: string): Promise<{ readonly folder: string; kill(): Promise<void> }> {
  const module = JSON.stringify(path.resolve(import.meta.dirname, '../../src/base/make-folder.ts'));
  const code = `const { inTemporaryDir } = await import(${module});
    setInterval(() => {}, 1e6);
    await inTemporaryDir('autophon-form-', (dir) => new Promise(() => console.log(dir)));`;
  const env = { ...process.env, TMPDIR: dir };
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { env });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  const folder = path.dirname(said.toString().trim());
  writeFileSync(path.join(folder, 'work/talk.wav'), 'audio');
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  return { folder, kill };
}

test('what a killed process has left in the temporary folder is removed, and what a living one uses stays', async ({
  dir,
}) => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = dir;
  try {
    const { folder: left, kill } = await workIn(dir);
    assert.equal(await removeAbandonedDirs(), 0);
    await kill();
    mkdirSync(path.join(dir, 'autophon-theirs-abcdef'));
    symlinkSync(left, path.join(dir, 'autophon-form-abcdef'));
    await inTemporaryDir('autophon-form-', async (own) => {
      assert.equal(await removeAbandonedDirs(), 1);
      assert.deepEqual([existsSync(left), existsSync(own)], [false, true]);
    });
    assert.deepEqual(readdirSync(dir).sort(), ['autophon-form-abcdef', 'autophon-theirs-abcdef']);
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

test('a folder that cannot be removed stays, and is no error', async ({ dir }) => {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = dir;
  const { folder: left, kill } = await workIn(dir);
  await kill();
  // Not even root can remove a path that is too long. It has to be made of two.
  const [lower, end] = [path.join(dir, 'lower'), path.join(left, ...LONG)];
  for (const half of [path.join(lower, ...LONG), end]) mkdirSync(half, { recursive: true });
  renameSync(lower, path.join(end, 'lower'));
  try {
    assert.equal(await removeAbandonedDirs(), 0);
    assert.ok(existsSync(left));
  } finally {
    renameSync(path.join(end, 'lower'), lower);
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
});

test('a folder is made with those above it, and one that is there is left as it is', ({ dir }) => {
  const deep = path.join(dir, 'a/b/c');
  makeFolder(deep, 0o700);
  assert.equal(statSync(path.join(dir, 'a')).mode & 0o777, 0o700);
  makeFolder(deep, 0o755);
  assert.equal(statSync(deep).mode & 0o777, 0o700);
  writeFileSync(path.join(deep, 'file'), '');
  assert.throws(() => makeFolder(path.join(deep, 'file')), { code: 'EEXIST' });
});

if (existsSync('/proc/self')) {
  test('a folder that can never be made ends a command at once, with the setting that names it', async ({
    dir,
  }) => {
    assert.throws(() => makeFolder(NEVER_MADE));
    const place = { ...NO_DATABASE, DATA_DIR: dir, TEMP_DIR: dir };
    const said = async (args: string[], env: Record<string, string>) => (await runCli(args, env)).stderr;
    const [logs, data] = await Promise.all([
      said(['worker'], { ...place, LOGS: NEVER_MADE }),
      said(['status'], { DATA_DIR: NEVER_MADE }),
    ]);
    assert.match(logs, /^E_CONFIG {2}LOGS=\/proc\/autophon\/folder: the log cannot be written there/);
    assert.match(data, /^E_CONFIG {2}cannot write in the folder of the database: .*Set DATA_DIR/);
    const doctor = await runCli(['doctor'], { ...place, TEMP_DIR: NEVER_MADE });
    assert.match(
      doctor.stdout,
      /WRONG {2}TEMP_DIR +\/proc\/autophon\/folder: .*\n +fix: .* set TEMP_DIR to another folder/,
    );
  });
}

test.run();
