import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { aligned, eafTier, makeEaf, referring } from '../../support/eaf.ts';
import { thrownBy } from '../thrown.ts';
import { readEaf, tiersOf } from './read-eaf.ts';

const test = suite('which tiers of an EAF are aligned');

const names = (tiers: readonly string[], times = [0, 1000, 2000, 3000]) => {
  const read = readEaf(makeEaf({ times, tiers }));
  return { tiers: Object.keys(tiersOf(read)), warnings: read.warnings };
};

test('tiers that depend on none are speakers; all that depends on them is kept, and reported once', () => {
  const { tiers, warnings } = names([
    eafTier('anna', [aligned('a1', 1, 2, 'one')]),
    eafTier('anna english', [referring('a2', 'a1', 'eins')], 'PARENT_REF="anna"'),
    eafTier('anna chunks', [aligned('a3', 1, 2, 'one')], 'PARENT_REF="anna"'),
    eafTier('anna pos', [referring('a4', 'a3', 'NUM')], 'PARENT_REF="anna chunks"'),
    eafTier('anna notes', [], 'PARENT_REF="anna"'),
    eafTier('bert', [aligned('a5', 3, 4, 'two')]),
  ]);
  assert.deepEqual(tiers, ['anna', '*anna english', '*anna chunks', '*anna pos', '*anna notes', 'bert']);
  assert.deepEqual(warnings, [
    'W_TIER_KEPT talk.eaf: not aligned, kept as they are: tiers "anna english", "anna chunks", "anna pos"; to choose the ' +
      'tiers yourself, give those with the words that are spoken, in ELAN, a tier type whose name begins with "align"',
  ]);
});

test('under a tier of numbers, or one that is empty, the nearest tier with words is aligned', () => {
  const numbered = [
    eafTier('ref@A', [aligned('a1', 1, 2, 'talk.001'), aligned('a2', 3, 4, 'talk.002')]),
    eafTier('tx@A', [referring('b1', 'a1', 'one two'), referring('b2', 'a2', 'three')], 'PARENT_REF="ref@A"'),
    eafTier('ge@A', [referring('c1', 'b1', 'GLOSS')], 'PARENT_REF="tx@A"'),
  ];
  assert.deepEqual(names(numbered).tiers, ['*ref@A', 'tx@A', '*ge@A']);
  const empty = [
    eafTier('turns', [aligned('a1', 1, 2, '')]),
    eafTier('said', [referring('b1', 'a1', 'one two')], 'PARENT_REF="turns"'),
  ];
  assert.deepEqual(names(empty).tiers, ['*turns', 'said']);
});

test('of several possible tiers, the one that says so in its name or type is aligned', () => {
  const family = (name: string, type: string) => [
    eafTier('A', [aligned('a1', 1, 2, '1')]),
    eafTier('A_ft', [referring('b1', 'a1', 'in English')], 'PARENT_REF="A"'),
    eafTier(name, [referring('c1', 'a1', 'one two')], `PARENT_REF="A" LINGUISTIC_TYPE_REF="${type}"`),
  ];
  assert.deepEqual(names(family('A_orth', 'x')).tiers, ['*A', '*A_ft', 'A_orth']);
  assert.deepEqual(names(family('A_x', 'Transcription')).tiers, ['*A', '*A_ft', 'A_x']);
  const error = thrownBy(() => names(family('A_x', 'translation')));
  assert.match(
    error.message,
    /^talk\.eaf line 8 column 1: expected words in the tier "A" or in one tier that depends on it, found them in "A_ft", "A_x"; to choose/,
  );
});

test('a speaker who says numbers only is reported by the pipeline, not kept', () => {
  assert.deepEqual(names([eafTier('anna', [aligned('a1', 1, 2, '12')])]).tiers, ['anna']);
});

test('a user chooses with tier types whose names begin with "align"', () => {
  const { tiers, warnings } = names([
    eafTier('anna', [aligned('a1', 1, 2, 'one')]),
    eafTier('said', [aligned('a2', 1, 2, 'one')], 'PARENT_REF="anna" LINGUISTIC_TYPE_REF="Align - parts"'),
    eafTier('bert', [aligned('a3', 3, 4, 'two')], 'LINGUISTIC_TYPE_REF="align"'),
    eafTier('notes', [aligned('a4', 3, 4, 'quiet')], 'LINGUISTIC_TYPE_REF="alignment"'),
  ]);
  assert.deepEqual(tiers, ['*anna', 'said', 'bert', '*notes']);
  assert.match(
    warnings[0] ?? '',
    /^W_TIER_KEPT talk\.eaf: not aligned, kept as they are: tiers "anna", "notes"/,
  );
});

test.run();
