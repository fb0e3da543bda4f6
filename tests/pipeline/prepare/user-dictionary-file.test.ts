import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { findUserDictionary } from '../../../src/pipeline/prepare/user-dictionary-file.ts';

const LANGUAGE = { code: 'engUS_X_v010' };
const TASK = { userUuid: 'ann', taskPath: 'ann/upl/task' };
const OF_USER = 'ann/dic/engUS_X_v010.dict';
const OF_TASK = 'ann/upl/task/engUS_X_v010.dict';

const test = suite<{ uploadsDir: string }>("finding a user's dictionary");

test.before.each(async (context) => {
  context.uploadsDir = await mkdtemp(path.join(os.tmpdir(), 'autophon-user-dictionary-'));
  for (const dir of ['ann/dic', 'ann/upl/task', 'ben/dic'])
    await mkdir(path.join(context.uploadsDir, dir), { recursive: true });
  await writeFile(path.join(context.uploadsDir, 'ben/dic/engUS_X_v010.dict'), 'secret\tS\n');
});
test.after.each(async ({ uploadsDir }) => rm(uploadsDir, { recursive: true, force: true }));

test('if there is no dictionary, the path where it would be is named', async ({ uploadsDir }) => {
  assert.deepEqual(await findUserDictionary(uploadsDir, TASK, LANGUAGE), { path: null, name: OF_USER });
});

test('the dictionary of the task is used before that of the user', async ({ uploadsDir }) => {
  await writeFile(path.join(uploadsDir, OF_USER), '');
  assert.equal((await findUserDictionary(uploadsDir, TASK, LANGUAGE)).name, OF_USER);
  await writeFile(path.join(uploadsDir, OF_TASK), '');
  assert.equal((await findUserDictionary(uploadsDir, TASK, LANGUAGE)).name, OF_TASK);
});

const TRAPS: readonly (readonly [what: string, make: (file: string, other: string) => unknown])[] = [
  ['a symbolic link to the dictionary of another user', (file, other) => symlink(other, file)],
  ['a hard link to it', (file, other) => link(other, file)],
  // Opening it would block a thread of the worker for ever.
  ['a pipe', (file) => execFileSync('mkfifo', [file])],
  ['a folder', (file) => mkdir(file)],
];

for (const [what, make] of TRAPS) {
  for (const name of [OF_USER, OF_TASK]) {
    test(`${what} is refused as ${name}`, async ({ uploadsDir }) => {
      await make(path.join(uploadsDir, name), path.join(uploadsDir, 'ben/dic/engUS_X_v010.dict'));
      await assert.rejects(findUserDictionary(uploadsDir, TASK, LANGUAGE), {
        code: 'E_PATH_KIND',
        message: new RegExp(`^${name}: .*expected a plain file`),
      });
    });
  }
}

test('a folder of dictionaries that is a link to that of another user is refused', async ({ uploadsDir }) => {
  await rm(path.join(uploadsDir, 'ann/dic'), { recursive: true });
  await symlink('../ben/dic', path.join(uploadsDir, 'ann/dic'));
  await assert.rejects(findUserDictionary(uploadsDir, TASK, LANGUAGE), { code: 'E_PATH_KIND' });
});

test('a link that leads out of the uploads is refused', async ({ uploadsDir }) => {
  await symlink('/etc/passwd', path.join(uploadsDir, OF_USER));
  await assert.rejects(findUserDictionary(uploadsDir, TASK, LANGUAGE), { code: 'E_PATH_OUTSIDE' });
});

test.run();
