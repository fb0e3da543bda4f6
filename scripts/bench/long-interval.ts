import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import type { PipelineBench } from '../../testing/pipeline.ts';
import { makeWav } from '../../testing/wav.ts';
import type { MismatchedReading } from './mismatches.ts';

export type Spoken = Pick<MismatchedReading, 'samples' | 'text'>;

/** Gives a bench the recording `talk` with one interval over its whole length. */
export async function addReading(
  bench: PipelineBench,
  rateHz: number,
  { samples, text }: Spoken,
): Promise<void> {
  const span = { startSec: 0, endSec: samples.length / rateHz };
  const grid: TextGrid = {
    ...span,
    tiers: [{ kind: 'interval', name: 'reader', ...span, intervals: [{ ...span, text }] }],
  };
  await bench.add('talk.wav', makeWav({ sampleRateHz: rateHz, samples }));
  await bench.add('talk.TextGrid', writeTextGrid(grid));
}
