import type { Interval } from '../../src/formats/tiers.ts';
import { repeatableRandom } from './numbers.ts';

/** Speech and its text, sentence by sentence. */
export interface Reading {
  readonly rateHz: number;
  readonly samples: Float32Array;
  readonly sentences: readonly Interval[];
}

/** A way in which text and audio differ. */
export interface Mismatch {
  readonly name: string;
  readonly make: (right: Reading) => MismatchedReading;
}

export interface MismatchedReading {
  readonly samples: Float32Array;
  readonly text: string;
  /** Where a time of the right audio is now. */
  readonly move: (sec: number) => number;
  /** Sentences whose words cannot be in the result, since the text lacks them. */
  readonly unwritten: readonly Interval[];
  /** Stretches of the right audio that warnings must point to. */
  readonly places: readonly { readonly startSec: number; readonly endSec: number }[];
}

const UNSAID = 'nobody saw the old yellow balloon drift slowly over the frozen lake before breakfast';
/** Numbers of sentences, from 0. */
const BEFORE_UNSAID = 9;
const MISSING = [6, 14, 15];
const FIRST = [0, 1, 2];
const BEFORE_AUDIO = [4, 11, 18];
const AUDIO_SEC = 6;
const LOUDNESS = 0.2;
const CHORD_HZ = [220, 277.2, 329.6];
const CHORD_SEC = 0.5;

export const MISMATCHES: readonly Mismatch[] = [
  {
    name: '14 words too many',
    make: (right) => ({
      ...asRead(right, (text, n) => (n === BEFORE_UNSAID ? `${text} ${UNSAID}` : text)),
      places: right.sentences.slice(BEFORE_UNSAID, BEFORE_UNSAID + 2),
    }),
  },
  { name: '3 sentences missing', make: (right) => withoutSentences(right, MISSING) },
  { name: 'first 3 sentences missing', make: (right) => withoutSentences(right, FIRST) },
  {
    name: 'a word too many in each sentence',
    make: (right) => ({ ...asRead(right, addWord), places: right.sentences }),
  },
  { name: 'music between', make: (right) => withAudio(right, music) },
  { name: 'noise between', make: (right) => withAudio(right, noise) },
];

function asRead(
  { samples, sentences }: Reading,
  edit: (text: string, n: number) => string,
): MismatchedReading {
  const text = sentences.map((sentence, n) => edit(sentence.text, n)).join(' ');
  return { samples, text, move: (sec) => sec, unwritten: [], places: [] };
}

function withoutSentences(right: Reading, numbers: readonly number[]): MismatchedReading {
  const unwritten = right.sentences.filter((_, n) => numbers.includes(n));
  return {
    ...asRead(right, (text, n) => (numbers.includes(n) ? '' : text)),
    unwritten,
    places: joined(unwritten, right.sentences),
  };
}

/** Consecutive sentences are one place: one warning may name them. */
function joined(some: readonly Interval[], all: readonly Interval[]): MismatchedReading['places'] {
  const rows: Interval[][] = [];
  for (const one of some) {
    const row = rows.at(-1);
    if (row !== undefined && all.indexOf(row.at(-1) ?? one) + 1 === all.indexOf(one)) row.push(one);
    else rows.push([one]);
  }
  return rows.map((row) => ({ startSec: row[0]?.startSec ?? 0, endSec: row.at(-1)?.endSec ?? 0 }));
}

function addWord(text: string, n: number): string {
  const words = text.split(' ');
  const unsaid = UNSAID.split(' ');
  return words.toSpliced(Math.floor(words.length / 2), 0, unsaid[n % unsaid.length] ?? '').join(' ');
}

/** Inserts audio into the pauses after a few sentences. */
function withAudio(right: Reading, make: (atSec: number) => number): MismatchedReading {
  const { rateHz, samples, sentences } = right;
  const insert = Float32Array.from({ length: AUDIO_SEC * rateHz }, (_, at) => make(at / rateHz));
  const cutsSec = BEFORE_AUDIO.flatMap((n) => sentences[n]?.endSec ?? []);
  const parts = [0, ...cutsSec].flatMap((fromSec, n) => {
    const toSec = cutsSec[n];
    const from = Math.round(fromSec * rateHz);
    return toSec === undefined
      ? [samples.subarray(from)]
      : [samples.subarray(from, Math.round(toSec * rateHz)), insert];
  });
  const joined = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  const move = (sec: number): number => sec + AUDIO_SEC * cutsSec.filter((cutSec) => cutSec < sec).length;
  return { ...asRead(right, (text) => text), samples: joined, move };
}

/** Chords that fade, as of a piano. */
function music(atSec: number): number {
  const inChordSec = atSec % CHORD_SEC;
  const shift = 2 ** ((Math.floor(atSec / CHORD_SEC) % 5) / 12);
  const tones = CHORD_HZ.flatMap((hz) =>
    [1, 2, 3].map((part) => Math.sin(2 * Math.PI * hz * shift * part * atSec) / part),
  );
  return (
    ((LOUDNESS * tones.reduce((sum, tone) => sum + tone, 0)) / CHORD_HZ.length) * Math.exp(-3 * inChordSec)
  );
}

const random = repeatableRandom(7);
function noise(): number {
  return LOUDNESS * (random() - 0.5);
}
