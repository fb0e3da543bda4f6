import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import type { Engine } from '../../src/engines/engine.ts';
import { createSphinx } from '../../src/engines/sphinx/sphinx.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { readMonoPcm16AsFloat } from '../../src/formats/wav-pcm.ts';
import { createPipelineBench, type PipelineBench, TASK_PATH } from '../../testing/pipeline.ts';
import { makeWav } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { flat, shown } from '../support/finding.ts';
import { SENTENCES, SPEECH_DIR } from '../support/speech.ts';

const sphinx = createSphinx();
let starts = 0;
const ENGINE: Engine = {
  ...sphinx,
  align: (request, context) => {
    starts += 1;
    return sphinx.align(request, context);
  },
};
const TASK = {
  taskId: 'task',
  userUuid: 'ann',
  lang: 'engUS_SPHINX_v010',
  engine: null,
  taskPath: TASK_PATH,
};
const DURATION_SEC = 4.3251;
const AUDIO = await readFile(path.join(SPEECH_DIR, 'two.wav'));
const SAID = SENTENCES.two.flatMap(({ words }) => words);
const UNSAID = 'Nobody saw the train leave';
/** The time between the two sentences. */
const MIDDLE_SEC = SENTENCES.two[0]?.endSec ?? 0;

const test = suite<{ bench: PipelineBench }>('imperfect texts');
test.before.each(async (context) => {
  context.bench = await createPipelineBench(ENGINE, { task: TASK });
});
test.after.each(async ({ bench }) => {
  await bench[Symbol.asyncDispose]();
});

test('a sentence that is not said loses no other word, and is named with its place', async ({ bench }) => {
  const [first, second] = SENTENCES.two.map(({ words }) => words.join(' '));
  await addTalk(bench, AUDIO, DURATION_SEC, `${first} ${UNSAID}. ${second}`);
  const { warnings, zipPath } = await bench.run();
  const [warning, ...more] = warnings;
  assert.deepEqual(more, []);
  assert.deepEqual([warning?.code, warning?.place?.tier, warning?.place?.interval], ['W_NOT_SAID', 'ann', 1]);
  assert.ok(Math.abs((warning?.place?.timeSec ?? 0) - MIDDLE_SEC) < 0.5, `${warning?.place?.timeSec} s`);
  assert.match(shown(warning), /not said\? 5 words .*"Nobody saw the train leave"/);
  const entries = await readZip(zipPath);
  const grid = readTextGrid(entries.get('ARPAbet/talk.TextGrid') ?? '', 'result');
  const words = grid.tiers.find(({ name }) => name === 'ann - word');
  assert.deepEqual(
    words?.kind === 'interval' && words.intervals.map(({ text }) => text).filter((text) => text !== ''),
    SAID,
  );
  const [file] = JSON.parse(entries.get('manifest.json') ?? '').files;
  assert.deepEqual([file.verdict, file.tiers[0].wordsAligned], ['partial', SAID.length]);
});

test('speech that the text does not have is named with its place', async ({ bench }) => {
  const times = 2;
  const audio = await repeat(times * 2);
  await addTalk(
    bench,
    audio,
    DURATION_SEC * times * 2,
    [...Array(times * 2 - 1).fill(SAID)].flat().join(' '),
  );
  const { warnings } = await bench.run();
  assert.deepEqual(
    warnings.map(flat).map(({ code, interval }) => [code, interval]),
    [['W_NOT_WRITTEN', 1]],
  );
});

test('the text of another recording is reported as such after one run, and the model is not suspected', async ({
  bench,
}) => {
  starts = 0;
  const text = Array(8).fill(UNSAID).join(' ');
  await addTalk(bench, await repeat(8), DURATION_SEC * 8, text);
  const [fault, ...more] = await bench.faults();
  assert.deepEqual([fault?.code, more], ['E_NOT_ALIGNED', []]);
  assert.match(
    shown(fault),
    /its only interval\. Check that the transcript belongs to this recording and that/,
  );
  assert.ok(!/model/.test(shown(fault)));
  assert.equal(starts, 1);
});

test.run();

async function addTalk(bench: PipelineBench, audio: Uint8Array, endSec: number, text: string): Promise<void> {
  const intervals = fillGaps([{ startSec: 0, endSec, text }], 0, endSec);
  const tier = { kind: 'interval', name: 'ann', startSec: 0, endSec, intervals } as const;
  await bench.add('talk.wav', audio);
  await bench.add('talk.TextGrid', writeTextGrid({ startSec: 0, endSec, tiers: [tier] }));
}

async function repeat(times: number): Promise<Buffer> {
  const speech = await readMonoPcm16AsFloat(path.join(SPEECH_DIR, 'two.wav'), 0, DURATION_SEC);
  return makeWav({ samples: Array.from({ length: times }, () => [...speech]).flat() });
}
