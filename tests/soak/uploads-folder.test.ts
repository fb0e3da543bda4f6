import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { UploadsFolder } from '../../scripts/soak/uploads-folder.ts';

const test = suite('UPLOADS of a soak');
const PLANTED = 'ann/upl/task-1/talk.wav';

let parent: string;
let dir: string;

test.before.each(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'autophon-uploads-'));
  dir = path.join(parent, 'uploads');
  await mkdir(dir);
  await writeFile(path.join(dir, 'own'), 'mine');
});
test.after.each(async () => {
  await rm(parent, { recursive: true, force: true });
});

test('another folder replaces it for a while, and it is back afterwards', async () => {
  const folder = new UploadsFolder(dir, false);
  const seen: string[][] = [];
  for (const substitute of ['missing', 'empty', 'other site'] as const)
    assert.deepEqual(
      await folder.replace(substitute, [PLANTED], async () => {
        seen.push(await readdir(dir).catch(() => ['nothing']));
      }),
      [],
    );
  assert.deepEqual(seen, [['nothing'], [], ['.autophon-site', 'ann']]);
  assert.equal(await readFile(path.join(dir, 'own'), 'utf8'), 'mine');
});

test('files removed, changed or written in the other folder are found', async () => {
  const folder = new UploadsFolder(dir, false);
  const replace = (act: () => Promise<void>) => folder.replace('other site', [PLANTED], act);
  const planted = path.join(dir, PLANTED);
  assert.deepEqual(await replace(() => unlink(planted)), [`${PLANTED} was removed from it`]);
  assert.deepEqual(await replace(() => writeFile(planted, 'x')), [`${PLANTED} was changed in it`]);
  assert.deepEqual(await replace(() => writeFile(path.join(dir, 'new'), 'x')), ['new was written to it']);
});

test.run();
