import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { findOwnFolder, isInside, makeOwnFolder, resolveInside } from '../../src/base/inside.ts';

const test = suite<{ dir: string; root: string }>('paths inside a folder');

test.before.each(async (context) => {
  context.dir = await realpath(await mkdtemp(path.join(os.tmpdir(), 'autophon-inside-')));
  context.root = path.join(context.dir, 'root');
  await mkdir(path.join(context.root, 'a'), { recursive: true });
  await writeFile(path.join(context.dir, 'secret'), '');
  await writeFile(path.join(context.root, 'a', 'file'), '');
});
test.after.each(async ({ dir }) => {
  await rm(dir, { recursive: true, force: true });
});

test('a path inside the folder is resolved to its real path', async ({ root }) => {
  assert.equal(await resolveInside(root, 'a/file'), path.join(root, 'a/file'));
});

test('a path that does not exist gives null, not an error', async ({ root }) => {
  assert.equal(await resolveInside(root, 'a/none'), null);
  assert.equal(await resolveInside(root, 'a/file/below'), null);
});

test('paths that lead out of the folder are refused', async ({ root }) => {
  await symlink('../../secret', path.join(root, 'a', 'link'));
  for (const way of ['../secret', 'a/../../secret', '/etc/passwd', '', '.', 'a/link', 'a\0b']) {
    await assert.rejects(resolveInside(root, way), { code: 'E_PATH_OUTSIDE' }, way);
  }
});

test('a folder is made level by level and then found; a missing folder gives null', async ({ root }) => {
  assert.equal(await findOwnFolder(root, 'a/b/c'), null);
  assert.equal(await makeOwnFolder(root, 'a/b/c'), path.join(root, 'a/b/c'));
  assert.equal(await makeOwnFolder(root, 'a/b/c'), path.join(root, 'a/b/c'));
  assert.equal(await findOwnFolder(root, 'a/b/c'), path.join(root, 'a/b/c'));
});

test('no folder is found or made behind a link, wherever it leads, or behind a file', async ({
  dir,
  root,
}) => {
  await mkdir(path.join(dir, 'theirs'));
  await mkdir(path.join(root, 'b'));
  await symlink('../theirs', path.join(root, 'out'));
  await symlink('b', path.join(root, 'in'));
  for (const way of [
    'out',
    'out/x',
    'in/x',
    'a/file',
    'a/file/x',
    'a/../b',
    '../theirs',
    '/etc',
    '',
    'a\0b',
  ]) {
    await assert.rejects(findOwnFolder(root, way), { code: 'E_PATH_OUTSIDE' }, way);
    await assert.rejects(makeOwnFolder(root, way), { code: 'E_PATH_OUTSIDE' }, way);
  }
  assert.deepEqual([await readdir(path.join(dir, 'theirs')), await readdir(path.join(root, 'b'))], [[], []]);
});

test('a folder whose name only starts like the root is not inside it', () => {
  assert.equal(isInside('/srv/up', '/srv/uploads/x'), false);
  assert.equal(isInside('/srv/up', '/srv/up'), false);
  assert.equal(isInside('/srv/up', '/srv/up/..x'), true);
});

test.run();
