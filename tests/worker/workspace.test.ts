import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import {
  findDeath,
  makeWorkspace,
  makeWorkspacesDir,
  privateDirOf,
  removeOrphanedWorkspaces,
} from '../../src/worker/workspace.ts';

const test = suite<{ dir: string }>('workspaces');

test.before.each(async (context) => {
  context.dir = await realpath(await mkdtemp(path.join(os.tmpdir(), 'autophon-workspace-')));
});
test.after.each(async ({ dir }) => {
  await rm(dir, { recursive: true, force: true });
});

/** A process that has ended: its number is free. */
const deadPid = (): number => spawnSync('true').pid;

test('a workspace is gone, with all that is in it, on every way out of its scope', async ({ dir }) => {
  const workspaces = await makeWorkspacesDir(dir, 'one');
  await assert.rejects(async () => {
    await using workspace = await makeWorkspace(workspaces, '57.2-9f3ac01b');
    await mkdir(path.join(workspace.path, 'deep/er'), { recursive: true });
    throw new Error('on the way');
  }, /on the way/);
  assert.deepEqual(await readdir(workspaces), ['owner']);
});

test('a workspace is made although the folder for them was tidied away, and the folder is marked again', async ({
  dir,
}) => {
  const workspaces = await makeWorkspacesDir(dir, 'idle');
  await rm(workspaces, { recursive: true });
  await using _workspace = await makeWorkspace(workspaces, '57.2-9f3ac01b');
  assert.equal((await readdir(workspaces)).length, 2);
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
});

test('folders of workspaces are for nobody else to look into', async ({ dir }) => {
  const workspaces = await makeWorkspacesDir(path.join(dir, 'temp'), 'one');
  await using workspace = await makeWorkspace(workspaces, '57.2-9f3ac01b');
  for (const made of [path.join(dir, 'temp'), workspaces, workspace.path])
    assert.equal((await stat(made)).mode & 0o777, 0o700, made);
});

test('the folder of a living process stays; those of a dead one, of a number used again, and of an earlier boot go', async ({
  dir,
}) => {
  await makeWorkspacesDir(dir, 'alive');
  await addInstance(dir, 'dead', { pid: deadPid() });
  await addInstance(dir, 'reused', { startTicks: '12345' });
  await addInstance(dir, 'rebooted', { boot: '00000000-0000-4000-8000-000000000000' });
  // They cannot be judged from here.
  await addInstance(dir, 'container', { pidNamespace: 'pid:[1]', pid: deadPid() });
  await addInstance(dir, 'elsewhere', { machine: 'another one', pid: deadPid() });
  const told: string[] = [];
  const removed = await removeOrphanedWorkspaces(dir, async (deaths) => {
    told.push(...deaths.map(({ instanceId }) => instanceId));
    assert.ok(existsSync(path.join(privateDirOf(dir), 'dead')), 'the proof is still there');
  });
  assert.deepEqual(removed.sort(), ['dead', 'rebooted', 'reused']);
  assert.deepEqual(told.sort(), removed);
  assert.deepEqual((await readdir(privateDirOf(dir))).sort(), ['alive', 'container', 'elsewhere']);
  assert.deepEqual(await Promise.all(['alive', 'elsewhere', 'dead'].map((id) => findDeath(dir, id))), [
    null,
    null,
    null,
  ]);
});

test('the folder of a dead process tells in which attempts it died', async ({ dir }) => {
  const dead = await addInstance(dir, 'dead', { pid: deadPid() });
  for (const name of ['57.2-9f3ac01bXyZ', '58.1-00000000abc', 'owner2', 't123'])
    await mkdir(path.join(dead, name));
  const death = await findDeath(dir, 'dead');
  assert.deepEqual(death?.attempts.map(({ id, claim }) => `${id} ${claim}`).sort(), [
    '57 2-9f3ac01b',
    '58 1-00000000',
  ]);
});

test('nothing else in TEMP_DIR is touched, whatever it is called and holds, nor a process that works there', async ({
  dir,
}) => {
  const names = [randomUUID(), 'survey', 'dead'];
  for (const name of names) {
    await mkdir(path.join(dir, name));
    await writeFile(path.join(dir, name, 'owner'), `${deadPid()} 12345\n`);
    await utimes(path.join(dir, name), 1, 1);
  }
  const stranger = spawn('sleep', ['1000'], { cwd: path.join(dir, 'survey') });
  await once(stranger, 'spawn');
  await makeWorkspacesDir(dir, 'one');
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
  for (const name of names) assert.ok(existsSync(path.join(dir, name, 'owner')), name);
  assert.equal(stranger.exitCode ?? stranger.signalCode, null);
  stranger.kill();
});

test('a folder without a mark of ours stays, also inside our own', async ({ dir }) => {
  await makeWorkspacesDir(dir, 'one');
  for (const text of ['', 'Dr. Smith', '{}', '[1]']) {
    const id = randomUUID();
    await mkdir(path.join(privateDirOf(dir), id));
    await writeFile(path.join(privateDirOf(dir), id, 'owner'), text);
  }
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
  assert.equal((await readdir(privateDirOf(dir))).length, 5);
});

test('what an instance had no room to mark goes after a while', async ({ dir }) => {
  await makeWorkspacesDir(dir, 'one');
  for (const name of ['new-old', 'new-fresh']) await mkdir(path.join(privateDirOf(dir), name));
  await utimes(path.join(privateDirOf(dir), 'new-old'), 1, 1);
  await removeOrphanedWorkspaces(dir);
  assert.deepEqual((await readdir(privateDirOf(dir))).sort(), ['new-fresh', 'one']);
});

test('our own folder is refused when somebody made it first as a link, a file, or open to others', async ({
  dir,
}) => {
  const own = privateDirOf(dir);
  await mkdir(path.join(dir, 'theirs'), { mode: 0o700 });
  await symlink(path.join(dir, 'theirs'), own);
  await assert.rejects(makeWorkspacesDir(dir, 'one'), { code: 'E_CONFIG', message: /is a link or a file/ });
  await rm(own);
  await writeFile(own, '');
  await assert.rejects(makeWorkspacesDir(dir, 'one'), { code: 'E_CONFIG', message: /is a link or a file/ });
  await rm(own);
  await mkdir(own);
  await chmod(own, 0o777);
  await assert.rejects(makeWorkspacesDir(dir, 'one'), { code: 'E_CONFIG', message: /mode 777/ });
  assert.deepEqual(await readdir(path.join(dir, 'theirs')), []);
});

test('what still runs in the folder of a dead process is ended first', async ({ dir }) => {
  const dead = await addInstance(dir, 'dead', { pid: deadPid() });
  await mkdir(path.join(dead, 't1'));
  const orphan = spawn('sleep', ['1000'], { cwd: path.join(dead, 't1') });
  await once(orphan, 'spawn');
  const ended = once(orphan, 'exit');
  await removeOrphanedWorkspaces(dir);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(existsSync(dead), false);
});

test('a path that engines would choke on is refused before it is used', async ({ dir }) => {
  for (const name of ['with blank', '$(touch x)', 'ä']) {
    await assert.rejects(makeWorkspacesDir(path.join(dir, name), 'one'), { code: 'E_CONFIG' });
  }
  assert.deepEqual(await readdir(dir), []);
});

test('a folder that another user made first is refused', async ({ dir }) => {
  if (process.getuid?.() !== 0)
    return console.log('  (only root can make a folder that is somebody else’s: not tried)');
  await mkdir(path.join(dir, 'theirs'));
  await chown(path.join(dir, 'theirs'), 65_534, 65_534);
  await assert.rejects(makeWorkspacesDir(path.join(dir, 'theirs'), 'one'), /belongs to another user/);
});

test.run();

/** The folder of an instance whose mark differs from ours in some parts. */
async function addInstance(dir: string, name: string, changes: Record<string, unknown>): Promise<string> {
  await makeWorkspacesDir(dir, 'pattern');
  const folder = path.join(privateDirOf(dir), name);
  await rename(path.join(privateDirOf(dir), 'pattern'), folder);
  const mark = JSON.parse(await readFile(path.join(folder, 'owner'), 'utf8')) as object;
  await writeFile(path.join(folder, 'owner'), JSON.stringify({ ...mark, ...changes }));
  return folder;
}
