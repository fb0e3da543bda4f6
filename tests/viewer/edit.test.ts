import assert from 'node:assert/strict';
import { test } from 'uvu';
import { Edits, moveBoundary, writeLabel } from '../../src/page/viewer/edit.ts';
import { type GivenTier, labelOf, type Tier, toTier } from '../../src/page/viewer/tier.ts';

test('the boundary of the last phone moves with that of its word', () => {
  const tiers = makeTiers();
  const edits = new Edits(tiers);
  edits.do(moveBoundary(tiers, 1, 0, 1.2, false) ?? assert.fail());
  assert.deepEqual(boundaries(tiers), [
    [0.5, 1.2, 2],
    [1.2, 2],
    [1, 2],
  ]);
  edits.undo();
  assert.deepEqual(boundaries(tiers), [
    [0.5, 1, 2],
    [1, 2],
    [1, 2],
  ]);
  edits.redo();
  assert.equal(tiers[0]?.starts[2], 1.2);
});

test('with Alt a boundary moves alone', () => {
  const tiers = makeTiers();
  new Edits(tiers).do(moveBoundary(tiers, 1, 0, 1.2, true) ?? assert.fail());
  assert.deepEqual(boundaries(tiers)[0], [0.5, 1, 2]);
});

test('corrections are kept over a reload, as far as the tiers are the same', () => {
  const tiers = makeTiers();
  const edits = new Edits(tiers);
  edits.do(moveBoundary(tiers, 1, 0, 1.2, false) ?? assert.fail());
  edits.do(writeLabel(tiers, 1, 0, 'new', false) ?? assert.fail());
  const kept = JSON.parse(JSON.stringify(edits));
  const reloaded = makeTiers();
  const restored = new Edits(reloaded);
  restored.restore(kept);
  assert.deepEqual(boundaries(reloaded), boundaries(tiers));
  assert.equal(reloaded[1]?.labels[0], 'new');
  restored.undo();
  restored.undo();
  assert.deepEqual(boundaries(reloaded), boundaries(makeTiers()));
  const other = makeTiers();
  other[1]?.ends.set([0.9], 0);
  new Edits(other).restore(kept);
  assert.deepEqual(boundaries(other)[0], [0.5, 1, 2]);
});

test('a boundary stays between its neighbours, also in tiers that move with it', () => {
  const tiers = makeTiers();
  const edits = new Edits(tiers);
  edits.do(moveBoundary(tiers, 1, 0, 0.1, false) ?? assert.fail());
  assert.deepEqual(boundaries(tiers)[1], [0.501, 2]);
  edits.do(moveBoundary(tiers, 1, 0, 9, false) ?? assert.fail());
  assert.deepEqual(boundaries(tiers)[1], [1.999, 2]);
});

test('the ends of a recording, and points, do not move', () => {
  const tiers = [...makeTiers(), toTier({ ...words, points: true })];
  assert.equal(moveBoundary(tiers, 1, 1, 1.5, false), null);
  assert.equal(moveBoundary(tiers, 1, -1, 0.5, false), null);
  assert.equal(moveBoundary(tiers, 3, 0, 0.5, false), null);
});

test('a label written in the alphabet is used for both alphabets, one in IPA only there', () => {
  const tiers = makeTiers();
  const edits = new Edits(tiers);
  edits.do(writeLabel(tiers, 0, 0, 'ʌ', true) ?? assert.fail());
  assert.deepEqual(both(tiers), ['AH0', 'ʌ']);
  edits.do(writeLabel(tiers, 0, 0, 'AE1', false) ?? assert.fail());
  assert.deepEqual(both(tiers), ['AE1', 'AE1']);
  edits.undo();
  edits.undo();
  assert.deepEqual(both(tiers), ['AH0', 'ə']);
  assert.equal(writeLabel(tiers, 0, 0, 'AH0', false), null);
});

test('after a new change, undone changes cannot be redone', () => {
  const tiers = makeTiers();
  const edits = new Edits(tiers);
  edits.do(writeLabel(tiers, 1, 0, 'an', false) ?? assert.fail());
  edits.undo();
  edits.do(writeLabel(tiers, 1, 0, 'the', false) ?? assert.fail());
  assert.equal(edits.canRedo, false);
  assert.equal(edits.redo(), undefined);
});

const words: GivenTier = {
  name: 'ann - word',
  role: 'words',
  speaker: 'ann',
  intervals: [
    [0, 1, 'a'],
    [1, 2, 'cat'],
  ],
};

function makeTiers(): Tier[] {
  const phones: GivenTier = {
    name: 'ann - phone',
    role: 'phones',
    speaker: 'ann',
    intervals: [
      [0, 0.5, 'AH0', 'ə'],
      [0.5, 1, 'K', 'k'],
      [1, 2, 'AE1', 'æ'],
    ],
  };
  return [toTier(phones), toTier(words), toTier({ ...words, name: 'bob - word', speaker: 'bob' })];
}

function both(tiers: readonly Tier[]): string[] {
  const [phones] = tiers;
  return phones === undefined ? [] : [labelOf(phones, 0, false), labelOf(phones, 0, true)];
}

function boundaries(tiers: readonly Tier[]): number[][] {
  return tiers.map(({ ends }) => [...ends]);
}

test.run();
