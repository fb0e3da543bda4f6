import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import type { Speech } from '../../../src/engines/engine.ts';
import type { WordInPlace } from '../../../src/pipeline/align/match.ts';
import { findSpokenGaps } from '../../../src/pipeline/align/spoken-gaps.ts';
import type { PreparedUtterance } from '../../../src/pipeline/prepared.ts';
import { makeWav, sine } from '../../../testing/wav.ts';

const RATE_HZ = 16_000;
/** Words of 0.5 s and five phones, one after the other. */
const WORD_SEC = 0.5;
const WORDS = Array.from({ length: 40 }, (_, at) => `w${at}`);
const END_SEC = WORDS.length * WORD_SEC;
const UTTERANCE: PreparedUtterance = {
  interval: 1,
  startSec: 0,
  endSec: END_SEC,
  words: WORDS,
  written: WORDS,
};

const test = suite<{ dir: string }>('words that were not found and may be said');
test.before.each(async (context) => {
  context.dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-gaps-'));
});
test.after.each(({ dir }) => rm(dir, { recursive: true, force: true }));

interface Heard {
  readonly dir: string;
  /** Places of words that were not found. */
  readonly missing: readonly number[];
  /** The time that a word took from the words beside it: by place, its start and end. */
  readonly taken?: Readonly<Record<number, readonly [number, number]>>;
  readonly unwritten?: readonly Speech[];
  readonly phones?: number;
  readonly quiet?: readonly [number, number];
}

async function find({ dir, missing, taken = {}, unwritten = [], phones = 5, quiet = [0, 0] }: Heard) {
  const monoPath = path.join(dir, 'a.wav');
  const isQuiet = (at: number) => at >= quiet[0] * RATE_HZ && at < quiet[1] * RATE_HZ;
  const samples = sine(200, RATE_HZ, END_SEC).map((sample, at) => (isQuiet(at) ? 0 : sample));
  await writeFile(monoPath, makeWav({ sampleRateHz: RATE_HZ, samples }));
  const words = WORDS.flatMap((label, at): WordInPlace[] => {
    const [startSec, endSec] = taken[at] ?? [at * WORD_SEC, (at + 1) * WORD_SEC];
    return missing.includes(at) ? [] : [{ label, at, startSec, endSec, phones: [] }];
  });
  const phoneCount = (word: string) => (missing.includes(WORDS.indexOf(word)) ? phones : 5);
  const recording = { monoPath, monoRateHz: RATE_HZ };
  const gaps = await findSpokenGaps(
    UTTERANCE,
    { words, unwritten, squeezed: new Set() },
    recording,
    phoneCount,
  );
  return gaps.map(({ firstWord, wordCount, kind }) => [firstWord, wordCount, kind]);
}

test('words with loud time of their own are apart from the others', async ({ dir }) => {
  assert.deepEqual(await find({ dir, missing: [10, 11, 20, 21] }), [
    [10, 2, 'apart'],
    [20, 2, 'apart'],
  ]);
});

test('words whose time the words around them have taken stay beside them, however much else is missing', async ({
  dir,
}) => {
  const missing = [5, 10, 20, 30];
  const taken = { 9: [4.5, 5.25], 11: [5.25, 6] } as const;
  assert.deepEqual(
    (await find({ dir, missing, taken, unwritten: [{ startSec: 19, endSec: 19.6 }] })).filter(
      ([, , kind]) => kind === 'beside',
    ),
    [
      [5, 1, 'beside'],
      [10, 1, 'beside'],
      [20, 1, 'beside'],
      [30, 1, 'beside'],
    ],
  );
});

test('a few short words without time of their own stay in a text that nothing else speaks against', async ({
  dir,
}) => {
  const squeezed = { 9: [4.5, 5.22], 11: [5.24, 6] } as const;
  const narrow = { 9: [4.75, 5.25], 11: [5.25, 5.75] } as const;
  assert.deepEqual(await find({ dir, missing: [10], taken: squeezed }), [[10, 1, 'beside']]);
  assert.deepEqual(await find({ dir, missing: [10], taken: narrow }), [[10, 1, 'beside']]);
  const other = [{ startSec: 15, endSec: 15.6 }];
  assert.deepEqual(await find({ dir, missing: [10], taken: narrow, unwritten: other }), []);
  assert.deepEqual(await find({ dir, missing: [10], taken: narrow, phones: 8 }), []);
  const many = {
    ...narrow,
    19: [9.75, 10.25],
    21: [10.25, 10.75],
    29: [14.75, 15.25],
    31: [15.25, 15.75],
  } as const;
  assert.deepEqual(await find({ dir, missing: [10, 20, 30], taken: many }), []);
});

test('words in a pause are not said', async ({ dir }) => {
  assert.deepEqual(await find({ dir, missing: [10], quiet: [5, 5.5] }), []);
});

test.run();
