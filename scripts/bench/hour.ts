import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import type { Interval } from '../../src/formats/tiers.ts';
import { TASK_PATH } from '../../testing/pipeline.ts';
import { makeWav } from '../../testing/wav.ts';
import type { BenchContext, Benchmark, Figure } from './benchmark.ts';
import { type Piece, runPiece } from './children.ts';
import { median, repeatableRandom } from './numbers.ts';

const FILE_COUNT = 20;
const FILE_SEC = 180;
const INTERVAL_SEC = 4;
const INTERVAL_TEXT = 'one two three one two three one two three one';
const ROUNDS = 3;
const MB = 1024 ** 2;
const AUDIO_FILES = [
  { name: '16 kHz mono', sampleRateHz: 16_000, channelCount: 1 },
  { name: '44.1 kHz stereo', sampleRateHz: 44_100, channelCount: 2 },
] as const;

type Audio = (typeof AUDIO_FILES)[number];

export const hour: Benchmark = {
  name: 'hour',
  summary: `one hour of audio in ${FILE_COUNT} files through all stages, with an engine that takes no time; median of ${ROUNDS}`,
  run: async (context) => {
    const figures: Figure[] = [];
    for (const audio of AUDIO_FILES) figures.push(...(await measure(audio, context)));
    return { figures, notes: [] };
  },
};

async function measure(audio: Audio, { dir, signal }: BenchContext): Promise<Figure[]> {
  const uploadsDir = path.join(dir, String(audio.sampleRateHz));
  await writeFiles(audio, path.join(uploadsDir, TASK_PATH));
  const stages: Piece[] = [];
  const floor: Piece[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    stages.push(await runPiece('hour-main.ts', ['stages', uploadsDir], signal));
    floor.push(await runPiece('hour-main.ts', ['floor', uploadsDir], signal));
  }
  await rm(uploadsDir, { recursive: true });
  const name = 'copy with sha256';
  const secOf = (pieces: readonly Piece[]) => median(pieces.map(({ sec }) => sec));
  const peakOf = (pieces: readonly Piece[]) => median(pieces.map(({ peakBytes }) => peakBytes)) / MB;
  return [
    {
      what: `prepare and package, ${audio.name}`,
      value: secOf(stages),
      unit: 's',
      beside: { name, value: secOf(floor) },
      goal: { atMost: 5 },
    },
    {
      what: `peak memory, ${audio.name}`,
      value: peakOf(stages),
      unit: 'MB',
      beside: { name, value: peakOf(floor) },
      goal: { atMost: 200 },
    },
  ];
}

async function writeFiles({ sampleRateHz, channelCount }: Audio, dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const random = repeatableRandom(5);
  const samples = Float64Array.from(
    { length: FILE_SEC * sampleRateHz * channelCount },
    () => 0.2 * (random() - 0.5),
  );
  const wav = makeWav({ sampleRateHz, channelCount, samples });
  const grid = transcript();
  for (let n = 1; n <= FILE_COUNT; n++) {
    await writeFile(path.join(dir, `talk ${n}.wav`), wav);
    await writeFile(path.join(dir, `talk ${n}.TextGrid`), grid);
  }
}

function transcript(): string {
  const span = { startSec: 0, endSec: FILE_SEC };
  const intervals = Array.from(
    { length: FILE_SEC / INTERVAL_SEC },
    (_, n): Interval => ({
      startSec: n * INTERVAL_SEC,
      endSec: (n + 1) * INTERVAL_SEC,
      text: INTERVAL_TEXT,
    }),
  );
  return writeTextGrid({ ...span, tiers: [{ kind: 'interval', name: 'speaker', ...span, intervals }] });
}
