import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { finishRemovals, removalFolder, removeFile } from '../../src/upkeep/remove-file.ts';
import { removeTree } from '../../src/upkeep/remove-tree.ts';

const test = suite('the removal of a file');
let root: string;
let file: string;

test.before.each(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'autophon-remove-'));
  file = path.join(root, 'ann/upl/talk.wav');
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, 'old');
});
test.after.each(() => rm(root, { recursive: true, force: true }));

/** The state that a process leaves that dies after it has moved the file aside. */
async function beginRemoval(isReplacedBefore = false): Promise<void> {
  const name = path.basename(file);
  const removal = path.join(path.dirname(file), removalFolder(name, await lstat(file, { bigint: true })));
  await mkdir(removal);
  if (isReplacedBefore) {
    await writeFile(`${file}.part`, 'somebody’s new file');
    await rename(`${file}.part`, file);
  }
  await rename(file, path.join(removal, name));
}

const inFolder = () => readdir(path.dirname(file));

test('leaves nothing behind, and touches no other file', async () => {
  assert.equal(await removeFile(root, 'ann/upl/talk.wav', () => false), 'kept');
  assert.equal(await readFile(file, 'utf8'), 'old');
  assert.equal(await removeFile(root, 'ann/upl/talk.wav'), 'removed');
  assert.equal(await removeFile(root, 'ann/upl/talk.wav'), 'absent');
  assert.deepEqual(await inFolder(), []);
});

test('is finished by the next process when its own died', async () => {
  await beginRemoval();
  assert.deepEqual(await finishRemovals(root, 'ann/upl'), [{ path: 'ann/upl/talk.wav', bytes: 3 }]);
  assert.deepEqual(await inFolder(), []);
});

test('is undone for a newer file when its process died after it moved that file', async () => {
  await beginRemoval(true);
  assert.deepEqual(await finishRemovals(root, 'ann/upl'), []);
  assert.equal(await readFile(file, 'utf8'), 'somebody’s new file');
  assert.deepEqual(await inFolder(), ['talk.wav']);
});

test('does not touch a file that was uploaded after its process died', async () => {
  await beginRemoval();
  await writeFile(file, 'new');
  assert.equal((await finishRemovals(root, 'ann/upl')).length, 1);
  assert.equal(await readFile(file, 'utf8'), 'new');
});

test('is finished by the removal of the whole folder when its process died', async () => {
  await beginRemoval();
  assert.deepEqual(await removeTree(root, 'ann/upl'), [{ path: 'ann/upl/talk.wav', bytes: 3 }]);
  assert.ok(!existsSync(path.dirname(file)));
});

test('by two processes at the same time succeeds once', async () => {
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => removeFile(root, 'ann/upl/talk.wav')));
  assert.ok(outcomes.includes('removed'));
  assert.ok(!outcomes.includes('kept'));
  assert.deepEqual(await inFolder(), []);
});

test('is refused when the path is now a folder, which stays', async () => {
  await rm(file);
  await mkdir(file);
  await assert.rejects(removeFile(root, 'ann/upl/talk.wav'), /expected a file, found a folder/);
  assert.deepEqual(await inFolder(), ['talk.wav']);
});

test.run();
