import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import { createSphinx } from '../../src/engines/sphinx/sphinx.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { readWavHeader } from '../../src/formats/wav-header.ts';
import { readMonoPcm16AsFloat, writeMonoPcm16 } from '../../src/formats/wav-pcm.ts';
import { createPipelineBench, TASK_PATH } from '../../testing/pipeline.ts';
import { makeWav } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { SENTENCES, type SpokenWord, speechFile } from '../support/speech.ts';

const LANGUAGE = 'engUS_SPHINX_v010';
const SPEECH_RATE_HZ = 16_000;
/** On average, words are 15 ms off the synthesiser's own times. */
const MEAN_ERROR_SEC = 0.03;

/** How often the sentences are repeated, as one interval. */
const RECORDINGS: readonly { readonly rateHz: number; readonly times: number }[] = [
  { rateHz: 8_000, times: 1 },
  { rateHz: 10_010, times: 1 },
  { rateHz: 11_025, times: 5 },
  { rateHz: 20_000, times: 1 },
  { rateHz: 22_050, times: 5 },
  { rateHz: 39_999, times: 1 },
  { rateHz: 48_000, times: 1 },
];

test('recordings of any rate are aligned side by side, to the end of a long interval', async () => {
  await using bench = await createPipelineBench(createSphinx());
  for (const recording of RECORDINGS) {
    const { words, endSec } = spokenIn(recording);
    const text = words.map(({ label }) => label).join(' ');
    const whole = { startSec: 0, endSec };
    const tier = { kind: 'interval' as const, name: 'ann', ...whole, intervals: [{ ...whole, text }] };
    await bench.add(`${recording.rateHz}.TextGrid`, writeTextGrid({ ...whole, tiers: [tier] }));
    await writeSpeech(recording, bench.dir, path.join(bench.uploadsDir, TASK_PATH));
  }
  const task = { taskId: 'task', userUuid: 'ann', lang: LANGUAGE, engine: null, taskPath: TASK_PATH };
  const entries = await readZip((await bench.run({ task })).zipPath);
  for (const recording of RECORDINGS) {
    const name = `ARPAbet/${recording.rateHz}.TextGrid`;
    const tier = readTextGrid(entries.get(name) ?? '', name).tiers.find((one) => one.name === 'ann - word');
    assert.ok(tier?.kind === 'interval');
    const found = tier.intervals.filter(({ text }) => text !== '');
    const { words } = spokenIn(recording);
    assert.deepEqual(
      found.map(({ text }) => text),
      words.map(({ label }) => label),
    );
    const last = words.length - 12;
    const errors = words.slice(last).map(({ startSec }, at) => {
      return Math.abs((found[last + at]?.startSec ?? 0) - startSec);
    });
    const meanSec = errors.reduce((sum, sec) => sum + sec, 0) / errors.length;
    assert.ok(meanSec < MEAN_ERROR_SEC, `${recording.rateHz} Hz: ${meanSec} s off in the last sentences`);
  }
});

interface Speech {
  readonly words: readonly SpokenWord[];
  readonly endSec: number;
}

function spokenIn({ times }: { readonly times: number }): Speech {
  const { durationSec } = speechFile('one');
  const once = SENTENCES.one.flatMap(({ spoken }) => spoken);
  const words = Array.from({ length: times }, (_, at) =>
    once.map(({ label, startSec, endSec }) => ({
      label,
      startSec: startSec + at * durationSec,
      endSec: endSec + at * durationSec,
    })),
  ).flat();
  return { words, endSec: times * durationSec };
}

async function writeSpeech(
  { rateHz, times }: { readonly rateHz: number; readonly times: number },
  scratchDir: string,
  dir: string,
): Promise<void> {
  const { audioPath, durationSec } = speechFile('one');
  const once = await readMonoPcm16AsFloat(audioPath, 0, durationSec);
  const repeated = path.join(scratchDir, `${rateHz}-repeated.wav`);
  const samples = Array.from({ length: times }, () => [...once]).flat();
  await writeFile(repeated, makeWav({ samples, sampleRateHz: SPEECH_RATE_HZ }));
  const source = { path: repeated, info: await readWavHeader(repeated, repeated) };
  const { signal } = new AbortController();
  await writeMonoPcm16(source, path.join(dir, `${rateHz}.wav`), { targetRateHz: rateHz, signal });
}

test.run();
