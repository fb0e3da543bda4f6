import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import { type ExpectedEntry, verifyZip } from '../../../src/pipeline/package/verify.ts';
import { writeZip } from '../../../src/pipeline/package/zip.ts';

const test = suite<{ dir: string }>('zip');

test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-zip-'));
});
test.after.each(async ({ dir }) => {
  await rm(dir, { recursive: true, force: true });
});

const OPTIONS = { maxBytes: 1e6, signal: new AbortController().signal };
const GRID = writeTextGrid({
  startSec: 0,
  endSec: 1,
  tiers: [
    {
      kind: 'interval',
      name: 'x',
      startSec: 0,
      endSec: 1,
      intervals: [{ startSec: 0, endSec: 1, text: 'one' }],
    },
  ],
});
const gridEntry = (durationSec: number): ExpectedEntry => ({
  name: 'a.TextGrid',
  result: { format: 'textgrid', durationsSec: [durationSec] },
});
const GRID_ENTRY = gridEntry(1);
const entry = (name: string, text: string) => ({ name, content: Buffer.from(text) });

test('appears complete, with the bytes and checksum that it reports', async ({ dir }) => {
  const zipPath = path.join(dir, 'deep/er/x.zip');
  const written = await writeZip([entry('a.TextGrid', GRID)], zipPath, OPTIONS);
  assert.equal((await readFile(zipPath)).length, written.bytes);
  assert.deepEqual(await readdir(path.dirname(zipPath)), ['x.zip']);
  await verifyZip(zipPath, [GRID_ENTRY], OPTIONS.signal);
});

test('leaves nothing when it grows too large or a file cannot be read', async ({ dir }) => {
  const zipPath = path.join(dir, 'x.zip');
  await assert.rejects(writeZip([entry('a', 'x'.repeat(9_999))], zipPath, { ...OPTIONS, maxBytes: 10 }), {
    code: 'E_LIMIT',
  });
  await assert.rejects(
    writeZip([{ name: 'a', content: { path: path.join(dir, 'none') } }], zipPath, OPTIONS),
    { code: 'ENOENT' },
  );
  assert.deepEqual(await readdir(dir), []);
});

test('leaves nothing when it is aborted', async ({ dir }) => {
  const reason = new Error('stop');
  const signal = AbortSignal.abort(reason);
  await assert.rejects(writeZip([entry('a', 'x')], path.join(dir, 'x.zip'), { ...OPTIONS, signal }), reason);
  assert.deepEqual(await readdir(dir), []);
});

test('a result that lacks a file, has a wrong one, or was damaged on the disk is not accepted', async ({
  dir,
}) => {
  const zipPath = path.join(dir, 'x.zip');
  await writeZip([entry('a.TextGrid', GRID), entry('b', 'text')], zipPath, OPTIONS);
  const grid = GRID_ENTRY;
  const { signal } = OPTIONS;
  const text = { name: 'b', result: null };
  await verifyZip(zipPath, [grid, text], signal);
  await assert.rejects(verifyZip(zipPath, [grid, text, { name: 'c', result: null }], signal), {
    code: 'E_OUTPUT_INVALID',
  });
  await assert.rejects(verifyZip(zipPath, [grid], signal), { code: 'E_OUTPUT_INVALID' });
  await assert.rejects(verifyZip(zipPath, [gridEntry(2), text], signal), { code: 'E_OUTPUT_INVALID' });
  const bytes = await readFile(zipPath);
  bytes[60] = (bytes[60] ?? 0) ^ 0xff;
  await writeFile(zipPath, bytes);
  await assert.rejects(verifyZip(zipPath, [grid, text], signal), { code: 'E_OUTPUT_INVALID' });
});

test('the check of a result ends when its signal does, and does not call the result damaged', async ({
  dir,
}) => {
  const zipPath = path.join(dir, 'x.zip');
  await writeZip([entry('a.TextGrid', GRID), entry('b', 'text')], zipPath, OPTIONS);
  const reason = new Error('stop');
  const aborted = AbortSignal.abort(reason);
  await assert.rejects(verifyZip(zipPath, [GRID_ENTRY, { name: 'b', result: null }], aborted), reason);
});

test.run();
