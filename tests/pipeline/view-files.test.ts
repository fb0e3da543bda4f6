import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import type { Log } from '../../src/base/log.ts';
import { silentLog } from '../../src/base/log.ts';
import { fillGaps, writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { readPeaks, readTile } from '../../src/pictures/picture-file.ts';
import { readViewList, viewFilesIn } from '../../src/pictures/view-folder.ts';
import { createPipelineBench, type PipelineBench } from '../../testing/pipeline.ts';
import { makeWav, sine } from '../../testing/wav.ts';

const test = suite<{ bench: PipelineBench }>('what the viewer shows');

test.before.each(async (context) => {
  context.bench = await createPipelineBench();
  await context.bench.add('day 1/talk.wav', makeWav({ samples: sine(300, 16_000, 2) }));
  await context.bench.add('day 1/talk.TextGrid', grid());
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

test('tiers and pictures of each recording lie beside the zip', async ({ bench }) => {
  const outputDir = path.dirname((await bench.run()).zipPath);
  assert.deepEqual(await readViewList(outputDir), [
    { name: 'day 1/talk', seconds: 2, audio: 'day 1/talk.wav' },
  ]);
  const { tiersPath, picturesPath } = viewFilesIn(outputDir, 0);
  const { seconds, tiers } = JSON.parse(readFileSync(tiersPath, 'utf8'));
  assert.equal(seconds, 2);
  assert.deepEqual(
    tiers.map(({ name, role, speaker }: Record<string, string>) => [name, role, speaker]),
    [
      ['ann - phone', 'phones', 'ann'],
      ['ann - word', 'words', 'ann'],
      ['ann - trans', 'transcript', 'ann'],
    ],
  );
  assert.equal((await readPeaks(picturesPath, 0))?.length, 2 * 125);
  assert.notEqual(await readTile(picturesPath, 0), null);
  assert.deepEqual((await readdir(viewFilesIn(outputDir, 0).dir)).sort(), [
    '0.pictures',
    '0.tiers.json',
    'list.json',
  ]);
});

test('PICTURES=never leaves out the pictures alone', async ({ bench }) => {
  const outputDir = path.dirname((await bench.run({ pictures: 'never' })).zipPath);
  const { tiersPath, picturesPath } = viewFilesIn(outputDir, 0);
  assert.ok(existsSync(tiersPath));
  assert.ok(!existsSync(picturesPath));
});

test('a result does not depend on what the viewer shows: a failure is logged', async ({ bench }) => {
  const events: string[] = [];
  const log: Log = { ...silentLog, warn: (event) => void events.push(event) };
  const outputDir = path.join(bench.uploadsDir, 'ann/otp/task/blocked');
  await mkdir(outputDir, { recursive: true });
  await writeFile(path.join(outputDir, 'view'), 'a file where the folder would be');
  const { zipPath } = await bench.run({ outputDir, log });
  assert.ok(existsSync(zipPath));
  assert.deepEqual(events, ['view.not_written', 'view.not_written']);
});

function grid(): string {
  const whole = { startSec: 0, endSec: 2 };
  const intervals = fillGaps([{ startSec: 0.5, endSec: 1.5, text: 'one two' }], 0, 2);
  return writeTextGrid({ ...whole, tiers: [{ kind: 'interval', name: 'ann', ...whole, intervals }] });
}

test.run();
