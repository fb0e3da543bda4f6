import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ownerState } from '../../src/base/owner-proof.ts';
import { findDeath, makeWorkspace, makeWorkspacesDir, privateDirOf } from '../../src/host/workspace.ts';
import { removeOrphanedWorkspaces } from '../../src/upkeep/orphaned-workspaces.ts';
import { addInstance, deadPid, suiteWithTempDir } from '../support/temp-dir.ts';

const test = suiteWithTempDir('workspaces');

test('a workspace is removed with its content, on every way out of its scope', async ({ dir }) => {
  const workspaces = await makeWorkspacesDir(dir, 'one');
  await assert.rejects(async () => {
    await using workspace = await makeWorkspace(workspaces, '57.2-9f3ac01b');
    await mkdir(path.join(workspace.path, 'deep/er'), { recursive: true });
    throw new Error('on the way');
  }, /on the way/);
  assert.deepEqual(await readdir(workspaces), ['owner']);
});

test('removed workspaces use no memory', async ({ dir }) => {
  const workspaces = await makeWorkspacesDir(dir, 'one');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heapAfter = async (count: number) => {
    for (let n = 0; n < count; n++) await (await makeWorkspace(workspaces, '57.2-9f3ac01b')).remove();
    for (let n = 0; n < 3; n++) collect();
    return process.memoryUsage().heapUsed;
  };
  const COUNT = 1_000;
  // Memory for compiled or discarded code appears in one round; memory that is kept for each workspace appears in most
  // rounds.
  const bytesEach: number[] = [];
  for (let before = await heapAfter(COUNT); bytesEach.length < 5; ) {
    const after = await heapAfter(COUNT);
    bytesEach.push((after - before) / COUNT);
    before = after;
  }
  const median = bytesEach.toSorted((a, b) => a - b)[2] ?? Number.NaN;
  assert.ok(median < 100, `${bytesEach} bytes each`);
});

test('a workspace is made even if the folder above was deleted, and that folder is marked again', async ({
  dir,
}) => {
  const workspaces = await makeWorkspacesDir(dir, 'idle');
  await rm(workspaces, { recursive: true });
  await using _workspace = await makeWorkspace(workspaces, '57.2-9f3ac01b');
  assert.equal((await readdir(workspaces)).length, 2);
  assert.deepEqual(await removeOrphanedWorkspaces(dir), []);
});

test('no other user may read the folders of workspaces', async ({ dir }) => {
  const workspaces = await makeWorkspacesDir(path.join(dir, 'temp'), 'one');
  await using workspace = await makeWorkspace(workspaces, '57.2-9f3ac01b');
  for (const made of [path.join(dir, 'temp'), workspaces, workspace.path])
    assert.equal((await stat(made)).mode & 0o777, 0o700, made);
});

test('a folder of another instance is not reached by a path in a row', async ({ dir }) => {
  await addInstance(dir, 'dead', { pid: deadPid() });
  assert.equal((await findDeath(dir, 'dead'))?.instanceId, 'dead');
  assert.equal(await findDeath(dir, '../x/dead'), null);
  assert.equal(await findDeath(path.join(dir, 'x'), `../../${path.basename(privateDirOf(dir))}/dead`), null);
});

test('an owner file that was deleted is written again while another task runs in the folder', async ({
  dir,
}) => {
  const workspaces = await makeWorkspacesDir(dir, 'one');
  await using running = await makeWorkspace(workspaces, '57.2-9f3ac01b');
  await rm(path.join(workspaces, 'owner'));
  await using _next = await makeWorkspace(workspaces, '57.2-9f3ac01b');
  assert.equal(await ownerState(workspaces), 'alive');
  assert.ok(existsSync(running.path));
  assert.deepEqual(await readdir(privateDirOf(dir)), ['one']);
});

test('the folder of the worker is refused when it is a link, a file, or open to other users', async ({
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
  await chmod(own, 0o700);
  if (process.getuid?.() !== 0) return;
  await chown(own, 65_534, 65_534);
  await assert.rejects(makeWorkspacesDir(dir, 'one'), {
    code: 'E_CONFIG',
    message: /belongs to another user/,
  });
  await assert.rejects(removeOrphanedWorkspaces(dir), { code: 'E_CONFIG' });
});

test('a path that engines cannot handle is refused before it is used', async ({ dir }) => {
  for (const name of ['with blank', '$(touch x)', 'ä']) {
    await assert.rejects(makeWorkspacesDir(path.join(dir, name), 'one'), { code: 'E_CONFIG' });
  }
  assert.deepEqual(await readdir(dir), []);
});

test('a folder that another user made first is refused', async ({ dir }) => {
  if (process.getuid?.() !== 0)
    return console.log('  (only root can make a folder of another user: not tried)');
  await mkdir(path.join(dir, 'theirs'));
  await chown(path.join(dir, 'theirs'), 65_534, 65_534);
  await assert.rejects(makeWorkspacesDir(path.join(dir, 'theirs'), 'one'), /belongs to another user/);
});

test.run();
