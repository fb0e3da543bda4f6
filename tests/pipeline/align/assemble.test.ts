import assert from 'node:assert/strict';
import { test } from 'uvu';
import { addFound, assemble, type Pieces } from '../../../src/pipeline/align/assemble.ts';
import { type Found, NOTHING } from '../../../src/pipeline/align/engine-run.ts';
import type { Part } from '../../../src/pipeline/align/parts.ts';
import type { PreparedUtterance, Recording } from '../../../src/pipeline/prepared.ts';
import { assertMissing } from '../../support/missing.ts';

const UTTERANCE: PreparedUtterance = {
  interval: 1,
  startSec: 0,
  endSec: 3,
  words: ['a', 'b'],
  written: ['a', 'b'],
};

function found(count: number, startSec: number, isPartial: boolean): Found {
  const words = UTTERANCE.words.slice(0, count).map((label, at) => {
    const span = { startSec: startSec + at, endSec: startSec + at + 1 };
    return { label, at, ...span, phones: [{ label: 'A', ...span }] };
  });
  return {
    ...NOTHING,
    words: new Map([[UTTERANCE, words]]),
    partial: new Set(isPartial ? [UTTERANCE] : []),
    doubtful: new Map(isPartial ? [[UTTERANCE, 'partial']] : []),
  };
}

function afterRuns(...runs: readonly Found[]) {
  const pieces: Pieces = {
    cuts: new Map(),
    words: new Map(),
    partial: new Set(),
    doubtful: new Map(),
    untried: new Set(),
  };
  for (const run of runs) addFound(pieces, run, () => undefined);
  return { startSec: pieces.words.get(UTTERANCE)?.[0]?.startSec, isPartial: pieces.partial.has(UTTERANCE) };
}

test('a later run replaces an earlier one with more words, or with as many and no word too few or too many', () => {
  assert.deepEqual(afterRuns(found(1, 0, true), found(2, 0.5, true)), { startSec: 0.5, isPartial: true });
  assert.deepEqual(afterRuns(found(2, 0, true), found(2, 0.5, false)), { startSec: 0.5, isPartial: false });
  assert.deepEqual(afterRuns(found(2, 0, true), found(2, 0.5, true)), { startSec: 0, isPartial: true });
  assert.deepEqual(afterRuns(found(2, 0, false), found(2, 0.5, false)), { startSec: 0, isPartial: false });
  assert.deepEqual(afterRuns(found(2, 0, true), found(1, 0.5, false)), { startSec: 0, isPartial: true });
});

test('words of parts get their places in the whole utterance; a word that its part does not have is an internal error', () => {
  const part: Part = { ...UTTERANCE, words: ['b'], written: ['b'], places: [1] };
  const cut = {
    parts: [part],
    share: 0.5,
    doubtful: new Map(),
    unwritten: [],
    unheard: new Set<number>(),
    spares: new Map(),
  };
  const placesOf = (at: number) => {
    const word = { label: 'b', at, startSec: 1, endSec: 2, phones: [] };
    const words = new Map([[part, [word]]]);
    const pieces = {
      cuts: new Map([[UTTERANCE, cut]]),
      words,
      partial: new Set<Part>(),
      doubtful: new Map(),
      untried: new Set<Part>(),
    };
    const recordings = [{ tiers: [{ id: 't', utterances: [UTTERANCE] }] }] as unknown as Recording[];
    return assemble(recordings, pieces, new Map())
      .words.get(UTTERANCE)
      ?.map((one) => one.at);
  };
  assert.deepEqual(placesOf(0), [1]);
  assertMissing(() => placesOf(1), 'word 1 of a part that has 1');
});

test.run();
