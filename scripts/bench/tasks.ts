import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import { makeWav } from '../../testing/wav.ts';

export const BENCH_USER = 'bench';
const RATE_HZ = 16_000;

/** Relative to the uploads folder. */
export function taskPathOf(taskId: string): string {
  return `${BENCH_USER}/upl/${taskId}`;
}

/** The files of small tasks: one recording of a second with two words. */
export async function writeTaskFiles(uploadsDir: string, taskIds: readonly string[]): Promise<void> {
  const wav = makeWav({ sampleRateHz: RATE_HZ, samples: new Float64Array(RATE_HZ) });
  const grid = transcript('one two');
  for (const id of taskIds) {
    const folder = path.join(uploadsDir, taskPathOf(id));
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'talk.wav'), wav);
    await writeFile(path.join(folder, 'talk.TextGrid'), grid);
  }
}

function transcript(text: string): string {
  const span = { startSec: 0, endSec: 1 };
  const intervals = [
    { startSec: 0, endSec: 0.25, text: '' },
    { startSec: 0.25, endSec: 0.75, text },
    { startSec: 0.75, endSec: 1, text: '' },
  ];
  return writeTextGrid({ ...span, tiers: [{ kind: 'interval', name: 'speaker', ...span, intervals }] });
}
