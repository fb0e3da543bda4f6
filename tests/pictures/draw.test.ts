import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { drawPictures } from '../../src/pictures/draw.ts';
import { ROW_HZ, ROWS } from '../../src/pictures/grid.ts';
import { readPeaks, readTile } from '../../src/pictures/picture-file.ts';
import { makeWav, sine, type WavRecipe } from '../../testing/wav.ts';
import { readGreyPng } from '../support/read-png.ts';
import { suiteWithTempDir } from '../support/temp-dir.ts';

const test = suiteWithTempDir('pictures');
const never = new AbortController().signal;

for (const hz of [250, 1000, 2500, 4500]) {
  test(`a tone of ${hz} Hz is darkest in its own row`, async ({ dir }) => {
    const { pixels, width } = await firstTile(dir, { samples: sine(hz, 16_000, 1) });
    const column = Array.from({ length: ROWS }, (_, y) => pixels[y * width + 70] ?? 255);
    const row = ROWS - 1 - hz / ROW_HZ;
    assert.equal(column[row], Math.min(...column));
    assert.equal(column[row], 0);
    const far = column.filter((_, y) => Math.abs(y - row) > 6);
    assert.ok(
      far.every((shade) => shade === 255),
      `expected white far from the tone, found ${column}`,
    );
  });
}

test('a tone is drawn at its time, and silence is white', async ({ dir }) => {
  const samples = new Float64Array(16_000);
  samples.set(sine(1000, 16_000, 0.25), 8000);
  const { pixels, width } = await firstTile(dir, { samples });
  const row = ROWS - 1 - 1000 / ROW_HZ;
  const dark = [...pixels.subarray(row * width, (row + 1) * width)].map((shade) => shade < 100);
  const first = dark.indexOf(true) * 0.007;
  const last = dark.lastIndexOf(true) * 0.007;
  assert.ok(Math.abs(first - 0.5) < 0.008 && Math.abs(last - 0.75) < 0.015, `${first} to ${last}`);
});

test('a recording of another rate is drawn like that of 16 kHz', async ({ dir }) => {
  const { pixels, width } = await firstTile(dir, { samples: sine(2000, 44_100, 1), sampleRateHz: 44_100 });
  const column = Array.from({ length: ROWS }, (_, y) => pixels[y * width + 70] ?? 255);
  assert.equal(column[ROWS - 1 - 2000 / ROW_HZ], 0);
  assert.equal(width, 143);
});

test('columns make up tiles of 7 s, and the last one has the rest', async ({ dir }) => {
  const picture = await draw(dir, { samples: new Float64Array(16_000 * 8) });
  assert.equal(readGreyPng((await readTile(picture, 0)) ?? Buffer.alloc(0)).width, 1000);
  assert.equal(readGreyPng((await readTile(picture, 1)) ?? Buffer.alloc(0)).width, 143);
  assert.equal(await readTile(picture, 2), null);
});

test('peaks are the smallest and largest of 256 samples, and of four pairs on the next level', async ({
  dir,
}) => {
  const length = 256 * 4000 + 1;
  const samples = Float64Array.from({ length }, (_, n) => (n % 256 === 7 ? -(1 + n / 256) / 8000 : 0.25));
  const picture = await draw(dir, { samples });
  const [first, second, third] = [0, 1, 2].map((level) => readPeaks(picture, level));
  const pairs = new Int8Array((await first) ?? []);
  assert.equal(pairs.length, 2 * 4001);
  assert.deepEqual([...pairs.subarray(0, 2)], [-1, 32]);
  assert.deepEqual([...pairs.subarray(2 * 3999)], [-64, 32, 32, 32]);
  const wide = new Int8Array((await second) ?? []);
  assert.equal(wide.length, 2 * 1001);
  assert.equal(wide[2 * 999], -64);
  assert.equal(new Int8Array((await third) ?? []).length, 2 * 251);
  assert.equal(await readPeaks(picture, 3), null);
});

test('equal audio gives equal files, and the pixels and peaks that it gave when this was written', async ({
  dir,
}) => {
  const samples = Float64Array.from(
    { length: 20_000 },
    (_, n) => (((n * n * 31) % 1999) / 1999 - 0.5) * ((n % 4000) / 4000),
  );
  const picture = await draw(dir, { samples });
  const bytes = readFileSync(picture);
  const { pixels } = readGreyPng((await readTile(picture, 0)) ?? Buffer.alloc(0));
  const peaks = (await readPeaks(picture, 0)) ?? Buffer.alloc(0);
  const hash = createHash('sha256').update(pixels).update(peaks).digest('hex');
  assert.equal(hash, 'b380213a4ae3822f4012e562645ac9c827a69466a9a7fa94a44ed9bab4c6cefa');
  assert.deepEqual(readFileSync(await draw(dir, { samples })), bytes);
});

test('a very short recording, or a silent one, is drawn', async ({ dir }) => {
  const { width, pixels } = await firstTile(dir, { samples: new Float64Array(1) });
  assert.equal(width, 1);
  assert.ok(pixels.every((shade) => shade === 255));
});

test('told to stop, it leaves no file', async ({ dir }) => {
  const stop = AbortSignal.abort(new Error('stopped'));
  await assert.rejects(draw(dir, {}, stop), /stopped/);
  assert.ok(!existsSync(path.join(dir, 'a.pictures')) && !existsSync(path.join(dir, 'a.pictures.part')));
});

test('a file that was cut off says so', async ({ dir }) => {
  const picture = await draw(dir, {});
  writeFileSync(picture, readFileSync(picture).subarray(0, 40));
  await assert.rejects(readTile(picture, 0), /damaged/);
});

async function draw(dir: string, recipe: WavRecipe, signal = never): Promise<string> {
  const wav = path.join(dir, 'a.wav');
  writeFileSync(wav, makeWav(recipe));
  const picture = path.join(dir, 'a.pictures');
  await drawPictures(wav, picture, signal);
  return picture;
}

async function firstTile(dir: string, recipe: WavRecipe) {
  return readGreyPng((await readTile(await draw(dir, recipe), 0)) ?? Buffer.alloc(0));
}

test.run();
