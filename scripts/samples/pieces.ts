import path from 'node:path';
import type { TextGrid } from '../../src/formats/textgrid/model.ts';
import type { Interval } from '../../src/formats/tiers.ts';
import { quietNoise } from './quiet-noise.ts';
import { readSampleGrid } from './read-grid.ts';
import { withGaps } from './textgrid.ts';
import { type Pcm, readWav } from './wav.ts';

const SAMPLES = path.join(import.meta.dirname, '..', '..', 'samples');
/** Used in turn, so that the pauses differ as in speech. */
const PAUSES_SEC = [0.4, 0.7, 0.3, 1.2, 0.5];
const END_SEC = 0.5;

/** One sentence of a sample, as mono audio. Times are seconds from the start of the piece. */
export interface Piece {
  /** Seconds from the start of the sample. */
  readonly speaker: string;
  readonly text: string;
  readonly rateHz: number;
  readonly samples: Float32Array;
  readonly words: readonly Interval[];
  readonly phones: readonly Interval[];
}

/** A recording made of pieces. */
export interface Joined {
  readonly pcm: Pcm;
  readonly endSec: number;
  readonly transcript: TextGrid;
  readonly reference: TextGrid;
}

/**
 * The sentences of a sample during which no other speaker speaks, in the order of time.
 * @param source - folder and name, such as `english-read/night-train`
 */
export function cutSentences(source: string): Piece[] {
  const { rateHz, channels } = readWav(path.join(SAMPLES, `${source}.wav`));
  const reference = readSampleGrid(path.join(SAMPLES, 'reference', `${source}.TextGrid`));
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
      const speaker = tier.replace(/ - trans$/, '');
      return { speaker, text, rateHz, samples, words: within('word'), phones: within('phone') };
    });
}

/**
 * One recording of pieces, with pauses between them.
 * @param speakerOf - the tier of a piece
 */
export function joinPieces(pieces: readonly Piece[], speakerOf: (piece: Piece) => string): Joined {
  const rateHz = pieces[0]?.rateHz ?? 0;
  const placed: { piece: Piece; startSec: number }[] = [];
  let sec = 0;
  for (const [index, piece] of pieces.entries()) {
    sec = onMilliseconds(sec + (PAUSES_SEC[index % PAUSES_SEC.length] ?? 0));
    placed.push({ piece, startSec: sec });
    sec = onMilliseconds(sec + piece.samples.length / rateHz);
  }
  const endSec = onMilliseconds(sec + END_SEC);
  const samples = quietNoise(Math.round(endSec * rateHz), 0);
  for (const { piece, startSec } of placed) samples.set(piece.samples, Math.round(startSec * rateHz));

  const tierOf = (speaker: string, ending: string, pick: (piece: Piece) => readonly Interval[]) => ({
    name: speaker + ending,
    intervals: placed
      .filter(({ piece }) => speakerOf(piece) === speaker)
      .flatMap(({ piece, startSec }) => pick(piece).map((interval) => moved(interval, startSec))),
  });
  const sentence = (piece: Piece): Interval[] => [
    { startSec: 0, endSec: piece.samples.length / rateHz, text: piece.text },
  ];
  const speakers = [...new Set(pieces.map(speakerOf))];
  return {
    pcm: { rateHz, channels: [samples] },
    endSec,
    transcript: withGaps(
      speakers.map((speaker) => tierOf(speaker, '', sentence)),
      endSec,
    ),
    reference: withGaps(
      speakers.flatMap((speaker) => [
        tierOf(speaker, ' - phone', ({ phones }) => phones),
        tierOf(speaker, ' - word', ({ words }) => words),
        tierOf(speaker, ' - trans', sentence),
      ]),
      endSec,
    ),
  };
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
