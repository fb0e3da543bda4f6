import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { makeWav } from '../../testing/wav.ts';
import type { Benchmark } from './benchmark.ts';
import { type Piece, runPiece } from './children.ts';
import { median, repeatableRandom } from './numbers.ts';

const FILE_COUNT = 10_000;
const FOLDER_FILES = 1_000;
const AUDIO_SEC = 1;
const RATE_HZ = 16_000;
const WORDS = 'the train left the station at night and we saw a light in the old house near the river'.split(
  ' ',
);
const SENTENCE_WORDS = 8;
const ROUNDS = 3;
const MB = 1024 ** 2;

export const check: Benchmark = {
  name: 'check',
  summary: `autophon check of ${FILE_COUNT} small files and of a tenth of them; processes of their own, median of ${ROUNDS}`,
  run: async ({ dir, signal }) => {
    const [large, small] = [path.join(dir, 'large'), path.join(dir, 'small')];
    await writeCorpus(large, FILE_COUNT);
    await writeCorpus(small, FILE_COUNT / 10);
    const ours: Piece[] = [];
    const floor: Piece[] = [];
    const few: Piece[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await runPiece('check-main.ts', ['check', large], signal));
      floor.push(await runPiece('check-main.ts', ['floor', large], signal));
      few.push(await runPiece('check-main.ts', ['check', small], signal));
    }
    const name = 'reading the files';
    const perSec = (pieces: readonly Piece[]) => FILE_COUNT / median(pieces.map(({ sec }) => sec));
    const cpuOf = (pieces: readonly Piece[]) => median(pieces.map(({ said }) => Number(said['cpuSec'])));
    const peakOf = (pieces: readonly Piece[]) => median(pieces.map(({ peakBytes }) => peakBytes)) / MB;
    return {
      figures: [
        {
          what: 'files',
          value: perSec(ours),
          unit: '1/s',
          beside: { name, value: perSec(floor) },
          goal: { atLeast: 500 },
        },
        {
          what: `processor time for ${FILE_COUNT} files`,
          value: cpuOf(ours),
          unit: 's',
          beside: { name, value: cpuOf(floor) },
          goal: { ratioAtMost: 5 },
        },
        {
          what: 'peak memory',
          value: peakOf(ours),
          unit: 'MB',
          beside: { name: 'a tenth of the files', value: peakOf(few) },
          goal: { ratioAtMost: 1.5 },
        },
      ],
      notes: [`found: ${JSON.stringify(ours[0]?.said)}`],
    };
  },
};

/**
 * Recordings of one second and their TextGrids with words of the dictionary. @param fileCount - recordings and
 * TextGrids together
 */
async function writeCorpus(dir: string, fileCount: number): Promise<void> {
  const random = repeatableRandom(7);
  const samples = Float64Array.from({ length: AUDIO_SEC * RATE_HZ }, () => 0.2 * (random() - 0.5));
  const wav = makeWav({ sampleRateHz: RATE_HZ, samples });
  const span = { startSec: 0, endSec: AUDIO_SEC };
  for (let at = 0; at < fileCount / 2; at++) {
    const folder = path.join(dir, `day ${Math.floor((2 * at) / FOLDER_FILES)}`);
    if ((2 * at) % FOLDER_FILES === 0) await mkdir(folder, { recursive: true });
    const words = Array.from({ length: SENTENCE_WORDS }, () => WORDS[Math.floor(random() * WORDS.length)]);
    const intervals = [{ ...span, text: words.join(' ') }];
    const grid = writeTextGrid({ ...span, tiers: [{ kind: 'interval', name: 'anna', ...span, intervals }] });
    await writeFile(path.join(folder, `talk ${at}.wav`), wav);
    await writeFile(path.join(folder, `talk ${at}.TextGrid`), grid);
  }
}
