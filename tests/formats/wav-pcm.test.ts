import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { probeWav, readWavHeader, type WavInfo } from '../../src/formats/wav-header.ts';
import { readMonoPcm16AsFloat, type WrittenWav, writeMonoPcm16 } from '../../src/formats/wav-pcm.ts';
import { interleave, makeWav, sine, type WavRecipe } from '../../testing/wav.ts';
import { rejectionOf } from './thrown.ts';

const test = suite<{ dir: string; inPath: string; outPath: string }>('wav pcm', {
  dir: '',
  inPath: '',
  outPath: '',
});
const NEVER = new AbortController().signal;

test.before.each((context) => {
  context.dir = mkdtempSync(path.join(tmpdir(), 'wav-pcm-test-'));
  context.inPath = path.join(context.dir, 'in.wav');
  context.outPath = path.join(context.dir, 'out.wav');
});

test.after.each(({ dir }) => {
  rmSync(dir, { recursive: true, force: true });
});

interface Paths {
  readonly inPath: string;
  readonly outPath: string;
}

async function convert(
  { inPath, outPath }: Paths,
  recipe: WavRecipe,
  targetRateHz: number | null = null,
  signal = NEVER,
): Promise<WrittenWav> {
  await writeFile(inPath, makeWav(recipe));
  const info = await readWavHeader(inPath, 'in.wav');
  return await writeMonoPcm16({ path: inPath, info }, outPath, { targetRateHz, signal });
}

function samplesOf(wavPath: string): number[] {
  const bytes = readFileSync(wavPath).subarray(44);
  return Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index));
}

/** Without a list of the differences, which would take minutes for a recording. */
function assertSameBytes(wavPath: string, expected: Buffer): void {
  const found = readFileSync(wavPath);
  assert.ok(found.equals(expected), `${found.length} bytes differ from the expected ${expected.length}`);
}

/** Samples of 16 bits, in the form that the builder needs. */
function levels(...values: number[]): number[] {
  return values.map((value) => value / 32_768);
}

test('each form of wav comes out as the same plain one', async (paths) => {
  const samples = interleave(sine(300, 16_000, 0.1), sine(200, 16_000, 0.1));
  await convert(paths, { samples, channelCount: 2 });
  const plain = readFileSync(paths.outPath);
  for (const form of ['RIFX', 'RF64', 'W64'] as const) {
    rmSync(paths.outPath);
    await convert(paths, { form, samples, channelCount: 2 });
    assertSameBytes(paths.outPath, plain);
  }
});

test('a mono recording at the wanted rate is copied, with a plain header of 44 bytes', async (paths) => {
  const samples = sine(440, 16_000, 0.5);
  const chunksBefore = [{ id: 'LIST', body: Buffer.alloc(100) }];
  for (const targetRateHz of [null, 16_000]) {
    rmSync(paths.outPath, { force: true });
    const written = await convert(paths, { samples, chunksBefore, isExtensible: true }, targetRateHz);
    assert.deepEqual(written, { sampleRateHz: 16_000, durationSec: 0.5, bytes: 44 + 16_000 });
    assertSameBytes(paths.outPath, makeWav({ samples }));
  }
});

test('two channels are averaged with rounding, and full scale does not overflow', async (paths) => {
  const left = levels(32_767, -32_768, 32_767, 100, 101, -100, 0);
  const right = levels(32_767, -32_768, -32_768, 101, 101, -101, -1);
  await convert(paths, { samples: interleave(left, right), channelCount: 2 });
  const mixed = samplesOf(paths.outPath);
  assert.deepEqual(mixed, [32_767, -32_768, 0, 101, 101, -100, 0]);
});

test('one channel of many is taken as it is, or resampled as if it were alone', async (paths) => {
  const tones = [300, 500, 700].map((hz) => sine(hz, 44_100, 0.2));
  const samples = Float64Array.from(
    { length: 3 * 8820 },
    (_, at) => tones[at % 3]?.[Math.floor(at / 3)] ?? 0,
  );
  for (const targetRateHz of [null, 16_000]) {
    await convert(paths, { samples: tones[1] ?? [], sampleRateHz: 44_100 }, targetRateHz);
    const alone = readFileSync(paths.outPath);
    rmSync(paths.outPath);
    await writeFile(paths.inPath, makeWav({ samples, channelCount: 3, sampleRateHz: 44_100 }));
    const info = await readWavHeader(paths.inPath, 'in.wav', 3);
    await writeMonoPcm16({ path: paths.inPath, info }, paths.outPath, {
      targetRateHz,
      channel: 1,
      signal: NEVER,
    });
    assertSameBytes(paths.outPath, alone);
    rmSync(paths.outPath);
  }
});

test('another rate keeps the duration to the sample and the tone in both channels', async (paths) => {
  const tone = sine(1000, 44_100, 1.2345);
  const written = await convert(
    paths,
    { samples: interleave(tone, tone), channelCount: 2, sampleRateHz: 44_100 },
    16_000,
  );
  const info = await readWavHeader(paths.outPath, 'out.wav');
  assert.equal(info.frameCount, Math.round((tone.length * 16_000) / 44_100));
  assert.deepEqual(written, {
    sampleRateHz: 16_000,
    durationSec: info.durationSec,
    bytes: 44 + info.frameCount * 2,
  });
  const expected = sine(1000, 16_000, 1.2345).map((sample) => sample * 32_768);
  const output = samplesOf(paths.outPath);
  for (let index = 500; index < output.length - 500; index++) {
    assert.ok(Math.abs((output[index] ?? 0) - (expected[index] ?? 0)) < 20, `sample ${index}`);
  }
});

test('the file is as long as its header says, whatever the length of the recording', async (paths) => {
  for (const count of [1, 2, 100, 440, 441, 442, 2000]) {
    rmSync(paths.outPath, { force: true });
    const samples = new Float64Array(count);
    const { bytes } = await convert(paths, { samples, sampleRateHz: 44_100 }, 16_000);
    assert.equal(statSync(paths.outPath).size, bytes, `${count} samples`);
    assert.equal((await readWavHeader(paths.outPath, 'out.wav')).dataBytes, bytes - 44);
  }
});

test('recordings longer than a block have no fault where blocks meet', async (paths) => {
  const samples = Float64Array.from({ length: 200_000 }, (_, index) => ((index % 1000) - 500) / 32_768);
  await convert(paths, { samples });
  assertSameBytes(paths.outPath, makeWav({ samples }));

  rmSync(paths.outPath);
  const tone = sine(300, 32_000, 6);
  await convert(paths, { samples: tone, sampleRateHz: 32_000 }, 16_000);
  const expected = sine(300, 16_000, 6).map((sample) => sample * 32_768);
  const output = samplesOf(paths.outPath);
  assert.equal(output.length, 96_000);
  for (let index = 500; index < output.length - 500; index++) {
    assert.ok(Math.abs((output[index] ?? 0) - (expected[index] ?? 0)) < 20, `sample ${index}`);
  }
});

test('samples that the filter overshoots are clipped at full scale and do not wrap', async (paths) => {
  const samples = Float64Array.from({ length: 44_100 }, (_, index) =>
    Math.floor(index / 50) % 2 === 0 ? 1 : -1,
  );
  await convert(paths, { samples, sampleRateHz: 44_100 }, 16_000);
  const output = samplesOf(paths.outPath);
  assert.ok(output.includes(32_767) && output.includes(-32_768));
  // A sample that overflowed would have another sign than the samples beside it.
  for (let index = 1; index < output.length - 1; index++) {
    const [before, here, after] = [output[index - 1] ?? 0, output[index] ?? 0, output[index + 1] ?? 0];
    assert.ok(!(before > 20_000 && here < -20_000 && after > 20_000), `sample ${index}`);
  }
});

test('an abort ends the conversion with its reason and leaves no file', async (paths) => {
  const reason = new Error('stopped');
  await assert.rejects(convert(paths, {}, null, AbortSignal.abort(reason)), (error) => error === reason);
  assert.equal(existsSync(paths.outPath), false);

  const samples = sine(200, 16_000, 20);
  await writeFile(paths.inPath, makeWav({ samples }));
  const info = await readWavHeader(paths.inPath, 'in.wav');
  const abort = new AbortController();
  const converting = writeMonoPcm16({ path: paths.inPath, info }, paths.outPath, {
    targetRateHz: 8000,
    signal: abort.signal,
  });
  while (!existsSync(paths.outPath)) await new Promise((resolve) => setImmediate(resolve));
  abort.abort(reason);
  await assert.rejects(converting, (error) => error === reason);
  assert.deepEqual(readdirSync(path.dirname(paths.outPath)), ['in.wav']);
});

test('a recording that shrank after its header was read is cut short, and no file is left', async (paths) => {
  await writeFile(paths.inPath, makeWav());
  const info = await readWavHeader(paths.inPath, 'in.wav');
  truncateSync(paths.inPath, 1000);
  const source = { path: paths.inPath, info };
  const error = await rejectionOf(
    writeMonoPcm16(source, paths.outPath, { targetRateHz: null, signal: NEVER }),
  );
  assert.equal(error.code, 'E_AUDIO_CUT_SHORT');
  assert.match(error.message, /^in\.wav: .*found the end at 1000/);
  assert.equal(existsSync(paths.outPath), false);
});

test('an existing file is never overwritten, not even the recording itself', async ({ inPath }) => {
  const wav = makeWav();
  await writeFile(inPath, wav);
  const info = await readWavHeader(inPath, 'in.wav');
  const source = { path: inPath, info };
  await assert.rejects(writeMonoPcm16(source, inPath, { targetRateHz: 8000, signal: NEVER }), /EEXIST/);
  assertSameBytes(inPath, wav);
});

test('other sample formats are refused', async ({ inPath, outPath }) => {
  await writeFile(inPath, makeWav({ bitsPerSample: 24 }));
  const info: WavInfo = await probeWav(inPath, 'in.wav');
  const error = await rejectionOf(
    writeMonoPcm16({ path: inPath, info }, outPath, { targetRateHz: null, signal: NEVER }),
  );
  assert.equal(error.code, 'E_AUDIO_FORMAT');
  assert.equal(existsSync(outPath), false);
});

test('a result of more than 4 GB is refused before anything is written', async ({ inPath, outPath }) => {
  await writeFile(inPath, makeWav({ sampleRateHz: 8000 }));
  const info = { ...(await readWavHeader(inPath, 'in.wav')), frameCount: 2 ** 30 };
  const error = await rejectionOf(
    writeMonoPcm16({ path: inPath, info }, outPath, { targetRateHz: 48_000, signal: NEVER }),
  );
  assert.equal(error.code, 'E_LIMIT');
  assert.equal(existsSync(outPath), false);
});

test('a stretch is read as floats, to the nearest sample and only as far as there is audio', async ({
  inPath,
}) => {
  const samples = levels(...Array.from({ length: 16_000 }, (_, index) => index));
  await writeFile(inPath, makeWav({ samples, chunksBefore: [{ id: 'LIST', body: Buffer.alloc(10) }] }));
  const stretch = await readMonoPcm16AsFloat(inPath, 0.25, 0.5);
  assert.deepEqual(stretch, Float32Array.from(samples.slice(4000, 8000)));
  assert.equal((await readMonoPcm16AsFloat(inPath, 0.9, 5)).length, 1600);
  assert.equal((await readMonoPcm16AsFloat(inPath, -1, 0.1)).length, 1600);
  assert.equal((await readMonoPcm16AsFloat(inPath, 2, 3)).length, 0);
  assert.equal((await readMonoPcm16AsFloat(inPath, 0.5, 0.25)).length, 0);
});

test('a stretch of a stereo file is refused', async ({ inPath }) => {
  await writeFile(inPath, makeWav({ channelCount: 2 }));
  assert.equal((await rejectionOf(readMonoPcm16AsFloat(inPath, 0, 1))).code, 'E_AUDIO_FORMAT');
});

test.run();
