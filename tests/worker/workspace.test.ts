import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { makeWorkspace, makeWorkspacesDir, removeOrphanedWorkspaces } from '../../src/worker/workspace.ts';

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
    await using workspace = await makeWorkspace(workspaces);
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
  await using _workspace = await makeWorkspace(workspaces);
  assert.equal((await readdir(workspaces)).length, 2);
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
});

test('folders of workspaces are for nobody else to look into', async ({ dir }) => {
  const workspaces = await makeWorkspacesDir(path.join(dir, 'temp'), 'one');
  await using workspace = await makeWorkspace(workspaces);
  for (const made of [path.join(dir, 'temp'), workspaces, workspace.path])
    assert.equal((await stat(made)).mode & 0o777, 0o700, made);
});

test('the folder of a living process stays, that of a dead one goes', async ({ dir }) => {
  await makeWorkspacesDir(dir, 'alive');
  await mkdir(path.join(dir, 'dead'));
  await writeFile(path.join(dir, 'dead', 'owner'), `${deadPid()} 12345\n`);
  await mkdir(path.join(dir, 'reused'));
  await writeFile(path.join(dir, 'reused', 'owner'), `${process.pid} 12345\n`);
  await mkdir(path.join(dir, 'not ours'));
  // Its mark is there, and is about to be written.
  await mkdir(path.join(dir, 'new'));
  await writeFile(path.join(dir, 'new', 'owner'), '');
  assert.deepEqual((await removeOrphanedWorkspaces(dir)).sort(), ['dead', 'reused']);
  assert.deepEqual((await readdir(dir)).sort(), ['alive', 'new', 'not ours']);
});

test('a folder that an instance had no time, or no room, to mark goes after a while; that of a stranger stays', async ({
  dir,
}) => {
  const names = ['unmarked', 'empty', 'fresh'] as const;
  const ids = { unmarked: randomUUID(), empty: randomUUID(), fresh: randomUUID() };
  for (const name of names) await mkdir(path.join(dir, ids[name]));
  await writeFile(path.join(dir, ids.empty, 'owner'), '');
  await mkdir(path.join(dir, 'systemd-private'));
  const minuteAgo = Date.now() / 1000 - 60;
  for (const name of [ids.unmarked, ids.empty, 'systemd-private'])
    await utimes(path.join(dir, name), minuteAgo, minuteAgo);
  assert.deepEqual((await removeOrphanedWorkspaces(dir)).sort(), [ids.unmarked, ids.empty].sort());
  assert.deepEqual((await readdir(dir)).sort(), [ids.fresh, 'systemd-private'].sort());
});

test('what still runs in the folder of a dead process is ended first', async ({ dir }) => {
  await mkdir(path.join(dir, 'dead/t1'), { recursive: true });
  await writeFile(path.join(dir, 'dead', 'owner'), `${deadPid()} 12345\n`);
  const orphan = spawn('sleep', ['1000'], { cwd: path.join(dir, 'dead/t1') });
  await once(orphan, 'spawn');
  const ended = once(orphan, 'exit');
  await removeOrphanedWorkspaces(dir);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
  assert.equal(existsSync(path.join(dir, 'dead')), false);
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
