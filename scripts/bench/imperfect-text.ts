import path from 'node:path';
import type { Warning } from '../../src/base/errors.ts';
import { createSphinx } from '../../src/engines/sphinx/sphinx.ts';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import type { Interval } from '../../src/formats/tiers.ts';
import { createPipelineBench, TASK_PATH } from '../../testing/pipeline.ts';
import { readZip } from '../../testing/zip.ts';
import { makeLongSample } from '../samples/make-long.ts';
import { readSampleGrid } from '../samples/read-grid.ts';
import { readWav } from '../samples/wav.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { measureCuts } from './imperfect-cut.ts';
import { addReading, type Spoken } from './long-interval.ts';
import { readChildrenCpuSec } from './machine.ts';
import { MISMATCHES, type MismatchedReading, type Reading } from './mismatches.ts';

/** Length of the part of the long sample that is used. */
const READING_SEC = 100;
/** A word is in its place if it is within this distance of the run with the right text. */
const NEAR_SEC = 0.1;
/** A warning names a place if it is within this distance. */
const NEAR_PLACE_SEC = 1;
/** After the last sentence. */
const PAUSE_SEC = 0.3;
const STEM = 'long-reading';
const LANG = 'engUS_SPHINX_v010';

export const imperfectText: Benchmark = {
  name: 'imperfect-text',
  summary:
    `one interval over ${READING_SEC} s of the long sample, built-in engine: CPU time of its processes, and words that are not within ` +
    `${NEAR_SEC * 1000} ms of where they are with the right text`,
  run: async ({ dir, signal }) => {
    const reading = readLongSample(path.join(dir, 'english-long'));
    const text = reading.sentences.map((sentence) => sentence.text).join(' ');
    const right = await align(reading, { samples: reading.samples, text }, signal);
    const figures: Figure[] = [];
    const notes = [`the right text: ${right.words.length} words, ${describeCodes(right.warnings)}`];
    for (const { name, make } of MISMATCHES) {
      const made = make(reading);
      const found = await align(reading, made, signal);
      const expected = right.words.filter((word) => !made.unwritten.some((one) => isWithin(word, one)));
      const lost = expected.filter((word) => !isInPlace(word, made, found.words));
      figures.push(
        {
          what: `CPU time, ${name}`,
          value: found.cpuSec,
          unit: 's',
          beside: { name: 'the right text', value: right.cpuSec },
          goal: { ratioAtMost: 3 },
        },
        {
          what: `words out of place, ${name}`,
          value: lost.length,
          unit: 'count',
          beside: { name: 'all that are said', value: expected.length },
          goal: { ratioAtMost: 0.02 },
        },
      );
      const unnamed = made.places.filter((place) => !found.warnings.some((one) => isAt(one, place)));
      if (made.places.length > 0)
        figures.push({
          what: `places not named, ${name}`,
          value: unnamed.length,
          unit: 'count',
          beside: { name: 'all places', value: made.places.length },
          goal: { atMost: 0 },
        });
      notes.push(`${name}: ${found.words.length} words, ${describeCodes(found.warnings)}`);
      if (lost.length > 0)
        notes.push(
          `  not in place: ${lost.map((word) => `${word.text} ${word.startSec.toFixed(1)} s`).join(', ')}`,
        );
    }
    const cuts = await measureCuts(reading, text, signal);
    return { figures: [...figures, cuts.figure], notes: [...notes, cuts.note] };
  },
};

function readLongSample(folder: string): Reading {
  makeLongSample(folder);
  const { rateHz, channels } = readWav(path.join(folder, `${STEM}.wav`));
  const [tier] = readSampleGrid(path.join(folder, `${STEM}.TextGrid`)).tiers;
  const sentences = tier === undefined ? [] : labelled(tier).filter(({ endSec }) => endSec < READING_SEC);
  const endSec = (sentences.at(-1)?.endSec ?? 0) + PAUSE_SEC;
  return {
    rateHz,
    samples: (channels[0] ?? new Float32Array()).slice(0, Math.round(endSec * rateHz)),
    sentences,
  };
}

interface Found {
  readonly words: readonly Interval[];
  readonly warnings: readonly Warning[];
  readonly cpuSec: number;
}

async function align({ rateHz }: Reading, spoken: Spoken, signal: AbortSignal): Promise<Found> {
  const task = { taskId: 'task', userUuid: 'ann', lang: LANG, engine: null, taskPath: TASK_PATH };
  await using bench = await createPipelineBench(createSphinx(), { task, signal });
  await addReading(bench, rateHz, spoken);
  const before = await readChildrenCpuSec();
  const { zipPath, warnings } = await bench.run();
  const cpuSec = (await readChildrenCpuSec()) - before;
  const result = readTextGrid((await readZip(zipPath)).get('ARPAbet/talk.TextGrid') ?? '', 'result');
  const words = result.tiers.filter(({ name }) => name.endsWith(' - word')).flatMap(labelled);
  return { words, warnings, cpuSec };
}

function labelled(tier: TextGrid['tiers'][number]): Interval[] {
  return tier.kind === 'interval' ? tier.intervals.filter(({ text }) => text !== '') : [];
}

function isWithin(word: Interval, { startSec, endSec }: Interval): boolean {
  return word.startSec >= startSec - NEAR_SEC && word.endSec <= endSec + NEAR_SEC;
}

function isInPlace(
  { text, startSec, endSec }: Interval,
  { move }: MismatchedReading,
  words: readonly Interval[],
): boolean {
  return words.some(
    (word) =>
      word.text === text &&
      Math.abs(word.startSec - move(startSec)) <= NEAR_SEC &&
      Math.abs(word.endSec - move(endSec)) <= NEAR_SEC,
  );
}

function isAt(
  { place: { timeSec } = {} }: Warning,
  { startSec, endSec }: MismatchedReading['places'][number],
): boolean {
  return timeSec !== undefined && timeSec >= startSec - NEAR_PLACE_SEC && timeSec <= endSec + NEAR_PLACE_SEC;
}

function describeCodes(warnings: readonly Warning[]): string {
  const counts = Map.groupBy(warnings, ({ code }) => code);
  return [...counts].map(([code, all]) => `${code} ${all.length}`).join(', ') || 'no warning';
}
