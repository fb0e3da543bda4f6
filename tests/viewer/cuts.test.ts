import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { assertGapless } from '../../src/formats/textgrid/write.ts';
import { insertBoundaries, removeBoundary } from '../../src/page/viewer/cuts.ts';
import { Edits, moveBoundary, writeLabel } from '../../src/page/viewer/edit.ts';
import { writeTextGrid } from '../../src/page/viewer/textgrid.ts';
import { type GivenTier, type Tier, toTier } from '../../src/page/viewer/tier.ts';

const SECONDS = 3;
const [PHONES, WORDS, OTHER] = [0, 1, 2];

test('a boundary in a word divides the phone there, too; the left part keeps the label', () => {
  const { tiers, edits } = make();
  edits.do(insertBoundaries(tiers, WORDS, [0.7], false) ?? assert.fail());
  assert.deepEqual(shown(tiers), [
    ['AH0 0-0.5', 'K 0.5-0.7', ' 0.7-1', 'AE1 1-2', ' 2-3'],
    ['a 0-0.7', ' 0.7-1', 'cat 1-2', ' 2-3'],
    ['dog 0-3'],
  ]);
  assertValid(tiers);
  edits.undo();
  assert.deepEqual(shown(tiers), shown(make().tiers));
  edits.redo();
  assert.deepEqual(shown(tiers)[WORDS], ['a 0-0.7', ' 0.7-1', 'cat 1-2', ' 2-3']);
});

test('near a boundary of the phones, a word is divided at that boundary', () => {
  const { tiers, edits } = make();
  edits.do(insertBoundaries(tiers, WORDS, [0.5004], false) ?? assert.fail());
  assert.deepEqual(shown(tiers)[WORDS], ['a 0-0.5', ' 0.5-1', 'cat 1-2', ' 2-3']);
  assert.deepEqual(shown(tiers)[PHONES], shown(make().tiers)[PHONES]);
});

test('a boundary in a phone, or one alone, changes its tier only', () => {
  for (const [tier, isAlone] of [
    [PHONES, false],
    [WORDS, true],
  ] as const) {
    const { tiers, edits } = make();
    edits.do(insertBoundaries(tiers, tier, [0.7], isAlone) ?? assert.fail());
    for (const other of [PHONES, WORDS, OTHER].filter((one) => one !== tier))
      assert.deepEqual(shown(tiers)[other], shown(make().tiers)[other]);
    assertValid(tiers);
  }
});

test('a stretch gets a boundary at both ends, in one step', () => {
  const { tiers, edits } = make();
  edits.do(insertBoundaries(tiers, WORDS, [1.2, 1.6], false) ?? assert.fail());
  assert.deepEqual(shown(tiers)[WORDS], ['a 0-1', 'cat 1-1.2', ' 1.2-1.6', ' 1.6-2', ' 2-3']);
  assert.deepEqual(shown(tiers)[PHONES]?.slice(2), ['AE1 1-1.2', ' 1.2-1.6', ' 1.6-2', ' 2-3']);
  assertValid(tiers);
  edits.undo();
  assert.deepEqual(shown(tiers), shown(make().tiers));
});

test('no boundary is inserted at an existing one, at the ends of the recording, or into points', () => {
  const { tiers } = make();
  for (const sec of [-1, 0, 0.0005, 1, 1.0009, 2.9995, 3, 9])
    assert.equal(insertBoundaries(tiers, WORDS, [sec], false), null, `at ${sec} s`);
  const points = toTier({ ...words, points: true });
  assert.equal(insertBoundaries([points], 0, [0.3], false), null);
  assert.equal(removeBoundary([points], 0, 0, false), null);
});

test('a boundary of words and phones is removed from both, with labels and IPA joined; alone, from one', () => {
  const { tiers, edits } = make();
  edits.do(removeBoundary(tiers, WORDS, 0, false) ?? assert.fail());
  assert.deepEqual(shown(tiers)[WORDS], ['a cat 0-2', ' 2-3']);
  assert.deepEqual(shown(tiers)[PHONES], ['AH0 0-0.5', 'K AE1 0.5-2', ' 2-3']);
  assert.equal(tiers[PHONES]?.ipa[1], 'k æ');
  assertValid(tiers);
  edits.undo();
  assert.deepEqual(shown(tiers), shown(make().tiers));
  assert.deepEqual(tiers[PHONES]?.ipa, make().tiers[PHONES]?.ipa);
  edits.do(removeBoundary(tiers, WORDS, 1, true) ?? assert.fail());
  assert.deepEqual(shown(tiers)[WORDS], ['a 0-1', 'cat 1-3']);
  assert.deepEqual(shown(tiers)[PHONES], shown(make().tiers)[PHONES]);
});

test('the ends of the recording are not removed', () => {
  const { tiers } = make();
  assert.equal(removeBoundary(tiers, WORDS, -1, false), null);
  assert.equal(removeBoundary(tiers, WORDS, 2, false), null);
});

test('inserted and removed boundaries are kept over a reload, with moves and labels between them', () => {
  const { tiers, edits } = make();
  edits.do(insertBoundaries(tiers, WORDS, [0.7], false) ?? assert.fail());
  edits.do(moveBoundary(tiers, WORDS, 0, 0.8, false) ?? assert.fail());
  edits.do(writeLabel(tiers, WORDS, 1, 'big', false) ?? assert.fail());
  edits.do(removeBoundary(tiers, PHONES, 0, false) ?? assert.fail());
  const again = make();
  again.edits.restore(JSON.parse(JSON.stringify(edits)));
  assert.deepEqual(shown(again.tiers), shown(tiers));
  while (again.edits.undo() !== undefined);
  assert.deepEqual(shown(again.tiers), shown(make().tiers));
  const other = make();
  other.tiers[WORDS]?.labels.splice(0, 1, 'another');
  other.edits.restore(JSON.parse(JSON.stringify(edits)));
  assert.equal(other.edits.canUndo, false);
});

const words: GivenTier = {
  name: 'ann - word',
  role: 'words',
  speaker: 'ann',
  intervals: [
    [0, 1, 'a'],
    [1, 2, 'cat'],
    [2, 3, ''],
  ],
};

function make(): { tiers: Tier[]; edits: Edits } {
  const phones: GivenTier = {
    name: 'ann - phone',
    role: 'phones',
    speaker: 'ann',
    intervals: [
      [0, 0.5, 'AH0', 'ə'],
      [0.5, 1, 'K', 'k'],
      [1, 2, 'AE1', 'æ'],
      [2, 3, ''],
    ],
  };
  const other: GivenTier = { ...words, name: 'bob - word', speaker: 'bob', intervals: [[0, 3, 'dog']] };
  const tiers = [toTier(phones), toTier(words), toTier(other)];
  return { tiers, edits: new Edits(tiers) };
}

function shown(tiers: readonly Tier[]): string[][] {
  return tiers.map(({ starts, ends, labels }) =>
    labels.map((label, at) => `${label} ${starts[at]}-${ends[at]}`),
  );
}

/** By the rules of the worker's own writer. */
function assertValid(tiers: readonly Tier[]): void {
  const grid = readTextGrid(writeTextGrid(tiers, SECONDS, false), 'made.TextGrid');
  for (const tier of grid.tiers) assertGapless(tier, grid);
}

test.run();
