import assert from 'node:assert/strict';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { type Log, silentLog } from '../../../src/base/log.ts';
import { createAudioDecoder } from '../../../src/pipeline/prepare/decode-audio.ts';
import { createPipelineBench, type PipelineBench, TASK_PATH } from '../../../testing/pipeline.ts';
import { transcript } from '../../../testing/site.ts';
import { makeWav } from '../../../testing/wav.ts';
import { flat } from '../../support/finding.ts';

const test = suite<{ bench: PipelineBench }>('audio that is no recording of the task');

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  await context.bench.add('talk1.wav', AUDIO);
  await context.bench.add('talk1.TextGrid', transcript('one two'));
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

const AUDIO = makeWav({ sampleRateHz: 16_000, samples: new Float64Array(16_000) });
const decodeAudio = createAudioDecoder({ ffmpeg: '/nowhere/ffmpeg', inherited: {} });

test('is listed with the recordings: hidden copies and unfinished uploads, and nothing else', async ({
  bench,
}) => {
  const leftovers = [
    '.talk1.wav',
    '._talk1.wav',
    '.talk1.wav.Xa3dF2',
    '.pureftpd-upload.1234',
    'talk1.wav.part',
    'Talk1.FLAC.filepart',
    'talk1.wav~',
    '.AppleDouble/talk1.wav',
    'day 2/._talk2.mp3',
  ];
  const others = [
    '.DS_Store',
    '._talk1.TextGrid',
    '.talk1.wav.TextGrid',
    'notes.part',
    'talk1.wav.md',
    '.waves',
  ];
  for (const name of [...leftovers, ...others]) await bench.add(name, name);
  await symlink('notes.part', path.join(bench.uploadsDir, TASK_PATH, '.link.wav'));
  await mkdir(path.join(bench.uploadsDir, TASK_PATH, '.folder.wav'));
  const { files } = await bench.run();
  const listed = files.filter(({ kind }) => kind === 'audio');
  assert.deepEqual(
    listed.map(({ path: file }) => file).sort(),
    [...leftovers, 'talk1.wav'].map((name) => `${TASK_PATH}/${name}`).sort(),
  );
  for (const { version } of listed) assert.match(String(version), /^\d+-\d+$/);
});

test('is listed with the recordings: a film that was passed over for its audio', async ({ bench }) => {
  await bench.add('talk1.MP4', 'pictures and the same voices');
  const { files, warnings } = await bench.run();
  assert.deepEqual(
    files
      .filter(({ kind }) => kind === 'audio')
      .map(({ original_name }) => original_name)
      .sort(),
    ['talk1.MP4', 'talk1.wav'],
  );
  assert.deepEqual(
    warnings.map(flat).map(({ code, message }) => [code, message]),
    [['W_FILE_IGNORED', 'talk1.MP4: not used, since talk1.wav has its audio']],
  );
});

test('an upload that is finished or abandoned while the task runs does not fail the task', async ({
  bench,
}) => {
  await bench.add('talk2.wav.part', 'half');
  const part = path.join(bench.uploadsDir, TASK_PATH, 'talk2.wav.part');
  const { files } = await bench.run({
    decodeAudio: async (...args) => {
      await rename(part, path.join(bench.dir, 'talk2.wav'));
      return decodeAudio(...args);
    },
  });
  assert.deepEqual(files.map(({ kind }) => kind).sort(), ['audio', 'output', 'transcript']);
});

test('is not listed beyond a thousand files', async ({ bench }) => {
  for (let n = 0; n < 1_001; n++) await writeFile(path.join(bench.uploadsDir, TASK_PATH, `._${n}.wav`), '');
  const warnings: string[] = [];
  const log: Log = { ...silentLog, warn: (event) => void warnings.push(event) };
  const { files } = await bench.run({ log });
  assert.equal(files.length, 1_003);
  assert.deepEqual(warnings, ['audio.stray_kept']);
});

test.run();
