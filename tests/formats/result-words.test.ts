import assert from 'node:assert/strict';
import { test } from 'uvu';
import { uniqueNames } from '../../src/formats/result.ts';
import { type Speaker, speakersOf, spokenWords } from '../../src/formats/result-words.ts';
import type { IntervalTier } from '../../src/formats/tiers.ts';
import { documentOf, saidBy } from '../../testing/result.ts';

const tier = (...labels: readonly (readonly [number, number, string])[]): IntervalTier => ({
  kind: 'interval',
  name: 'x',
  startSec: 0,
  endSec: 9,
  intervals: labels.map(([startSec, endSec, text]) => ({ startSec, endSec, text })),
});
const speaker = (change: Partial<Speaker>): Speaker => ({
  name: 'ann',
  phone: null,
  ipa: null,
  word: null,
  trans: null,
  doubtful: [],
  ...change,
});

test('the tiers of a speaker are together, whatever lies between them, and IPA is beside its phones', () => {
  const [ann, ben] = [saidBy('ann', [], 2), saidBy('ben', [], 2)];
  const mixed = {
    phones: [ann, ben].flatMap(({ phones }) => phones),
    ipa: [ann, ben].flatMap(({ ipa }) => ipa),
  };
  const order = [0, 3, 1, 4, 5, 2];
  const pick = <One>(tiers: readonly One[]) => order.map((at) => tiers[at] as One);
  const speakers = speakersOf(documentOf(2, [{ phones: pick(mixed.phones), ipa: pick(mixed.ipa) }]));
  assert.deepEqual(
    speakers.map(({ name, phone, ipa, word, trans }) => [name, phone, ipa, word, trans]),
    [
      ['ann', ann.phones[0], ann.ipa[0], ann.phones[1], ann.phones[2]],
      ['ben', ben.phones[0], ben.ipa[0], ben.phones[1], ben.phones[2]],
    ],
  );
});

test('a phone belongs to the word that its middle is in; labels of blanks are pauses', () => {
  const word = tier([0, 1, ' '], [1, 2, 'one'], [2, 3, ''], [3, 4, 'two']);
  const phone = tier(
    [0, 0.9, 'a'],
    [0.9, 1.8, 'b'],
    [1.8, 2.1, 'c'],
    [2.1, 2.9, ' '],
    [2.9, 3.5, 'd'],
    [5, 6, 'e'],
  );
  const said = [...spokenWords(speaker({ word, phone }))].map(({ text, number, phones }) => [
    text,
    number,
    phones.map(({ label }) => label).join(''),
  ]);
  assert.deepEqual(said, [
    ['', null, 'a'],
    ['one', 1, 'bc'],
    ['two', 2, 'd'],
    ['', null, 'e'],
  ]);
});

test('a word is doubtful where a doubt reaches over its middle', () => {
  const word = tier([0, 1, 'a'], [1, 2, 'b'], [2, 3, 'c'], [3, 4, 'd']);
  const doubtful = [
    { startSec: 0.6, endSec: 1.6 },
    { startSec: 3.5, endSec: 9 },
  ];
  const said = [...spokenWords(speaker({ word, doubtful }))].map(({ text, quality }) => `${text} ${quality}`);
  assert.deepEqual(said, ['a ok', 'b doubtful', 'c ok', 'd doubtful']);
});

test('names that are there twice get a number, also where that name is taken', () => {
  assert.deepEqual(uniqueNames(['a', 'b', 'a', 'a (2)', 'a', 'b']), [
    'a',
    'b',
    'a (3)',
    'a (2)',
    'a (4)',
    'b (2)',
  ]);
  const many = uniqueNames(new Array(50_000).fill('a'));
  assert.equal(new Set(many).size, many.length);
});

test.run();
