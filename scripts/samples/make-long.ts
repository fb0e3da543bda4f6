/**
 * Makes one recording of more than three minutes out of the committed English samples. It is not committed
 * itself: it would be larger than all the others together.
 * Usage: node scripts/samples/make-long.ts [FOLDER]    (default: .data/samples/english-long)
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import type { Interval } from '../../src/formats/tiers.ts';
import { quietNoise } from './quiet-noise.ts';
import { readSampleGrid } from './read-grid.ts';
import { textGridBytes, withGaps } from './textgrid.ts';
import { readWav, writeWav } from './wav.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const SOURCES = ['english-read/market-morning', 'english-read/night-train', 'english-conversation/library'];
const STEM = 'long-reading';
const TIER = 'reader';
const ROUND_COUNT = 3;
/** Taken in turn, so that pauses differ as they do in speech. */
const PAUSES_SEC = [0.4, 0.7, 0.3, 1.2, 0.5];

/** One sentence cut out of a sample. Times are seconds from the start of the piece. */
interface Piece {
  readonly text: string;
  readonly rateHz: number;
  readonly samples: Float32Array;
  readonly words: readonly Interval[];
  readonly phones: readonly Interval[];
}

/**
 * Writes audio and transcript into a folder, and the reference beside it, as in samples/.
 * @returns the seconds of audio written
 */
export function makeLongSample(folder: string): number {
  const pieces = SOURCES.flatMap(cutSentences);
  const rateHz = pieces[0]?.rateHz ?? 0;
  const placed: { piece: Piece; startSec: number }[] = [];
  let sec = 0;
  for (let count = 0; count < ROUND_COUNT * pieces.length; count++) {
    // Another step than 1 through the list, so that the voices change.
    const piece = pieces[(count * stepThrough(pieces.length)) % pieces.length];
    if (piece === undefined) throw new Error('the English samples hold no sentence that stands alone');
    sec = onMilliseconds(sec + (PAUSES_SEC[count % PAUSES_SEC.length] ?? 0));
    placed.push({ piece, startSec: sec });
    sec = onMilliseconds(sec + piece.samples.length / rateHz);
  }
  const endSec = onMilliseconds(sec + 0.5);
  const samples = quietNoise(Math.round(endSec * rateHz), 0);
  for (const { piece, startSec } of placed) samples.set(piece.samples, Math.round(startSec * rateHz));

  const tierOf = (name: string, pick: (piece: Piece) => readonly Interval[]) => ({
    name,
    intervals: placed.flatMap(({ piece, startSec }) =>
      pick(piece).map((interval) => moved(interval, startSec)),
    ),
  });
  const sentence = (piece: Piece): Interval[] => [
    { startSec: 0, endSec: piece.samples.length / rateHz, text: piece.text },
  ];
  const referenceFolder = path.join(folder, '..', 'reference', path.basename(folder));
  mkdirSync(folder, { recursive: true });
  mkdirSync(referenceFolder, { recursive: true });
  writeWav(path.join(folder, `${STEM}.wav`), { rateHz, channels: [samples] });
  writeGrid(path.join(folder, `${STEM}.TextGrid`), withGaps([tierOf(TIER, sentence)], endSec));
  writeGrid(
    path.join(referenceFolder, `${STEM}.TextGrid`),
    withGaps(
      [
        tierOf(`${TIER} - phone`, ({ phones }) => phones),
        tierOf(`${TIER} - word`, ({ words }) => words),
        tierOf(`${TIER} - trans`, sentence),
      ],
      endSec,
    ),
  );
  return endSec;
}

/** The sentences of a sample during which no other speaker speaks, as mono. */
function cutSentences(source: string): Piece[] {
  const [folder = '', stem = ''] = source.split('/');
  const root = path.join(ROOT, 'samples');
  const { rateHz, channels } = readWav(path.join(root, folder, `${stem}.wav`));
  const reference = readSampleGrid(path.join(root, 'reference', folder, `${stem}.TextGrid`));
  const mono = Float32Array.from(channels[0] ?? [], (_, frame) =>
    channels.reduce((sum, channel) => sum + (channel[frame] ?? 0) / channels.length, 0),
  );
  const sentences = reference.tiers
    .filter(({ name }) => name.endsWith(' - trans'))
    .flatMap(({ name }) => labelled(reference, name).map((sentence) => ({ ...sentence, tier: name })));
  return sentences
    .filter((one) => sentences.every((other) => other === one || !overlaps(one, other)))
    .toSorted((a, b) => a.startSec - b.startSec)
    .map(({ tier, startSec, endSec, text }) => {
      const within = (suffix: string): Interval[] =>
        labelled(reference, tier.replace(/trans$/, suffix))
          .filter((unit) => unit.startSec >= startSec && unit.endSec <= endSec)
          .map((unit) => moved(unit, -startSec));
      const samples = mono.slice(Math.round(startSec * rateHz), Math.round(endSec * rateHz));
      return { text, rateHz, samples, words: within('word'), phones: within('phone') };
    });
}

function labelled(grid: TextGrid, name: string): Interval[] {
  const tier = grid.tiers.find((one) => one.name === name);
  return tier?.kind === 'interval' ? tier.intervals.filter(({ text }) => text !== '') : [];
}

function overlaps(one: Interval, other: Interval): boolean {
  return one.startSec < other.endSec && other.startSec < one.endSec;
}

function moved({ startSec, endSec, text }: Interval, bySec: number): Interval {
  return { startSec: onMilliseconds(startSec + bySec), endSec: onMilliseconds(endSec + bySec), text };
}

function onMilliseconds(sec: number): number {
  return Math.round(sec * 1000) / 1000;
}

/** A step without common divisor: every piece comes once before any comes again. */
function stepThrough(count: number): number {
  for (let step = 7; ; step++) if (greatestCommonDivisor(step, count) === 1) return step;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function writeGrid(file: string, grid: TextGrid): void {
  writeFileSync(file, textGridBytes(grid, { form: 'long', encoding: 'utf8' }));
}

if (import.meta.main) {
  const folder = process.argv[2] ?? path.join(ROOT, '.data', 'samples', 'english-long');
  console.log(`${path.relative(process.cwd(), folder)}: ${makeLongSample(folder)} s`);
}
