import assert from 'node:assert/strict';
import type { Segment } from 'soundswallower';
import { test } from 'uvu';
import { dictionaryEntries, isUnknown, readWords, toGrammar } from '../../../src/engines/sphinx/grammar.ts';
import { assertMissing } from '../../support/missing.ts';

const VOCABULARY = {
  words: [
    { pronunciations: ['DH AH', 'DH IY'], minPhoneCount: 1 },
    { pronunciations: [], minPhoneCount: 2 },
    { pronunciations: ['K AE T'], minPhoneCount: 1 },
  ],
  loopPhones: ['AA', 'B'],
};

test('the dictionary has numbers in place of words', () => {
  assert.deepEqual(dictionaryEntries(VOCABULARY), [
    ['w0', 'DH AH'],
    ['w0(2)', 'DH IY'],
    ['w2', 'K AE T'],
    ['u0', 'AA'],
    ['u1', 'B'],
    ['v0', 'AA'],
    ['v1', 'B'],
  ]);
});

test('unknown words are loops that take turns', () => {
  const lines = toGrammar([0, 1, 1, 2], VOCABULARY).split('\n');
  assert.ok(lines.includes('<u> = u0 | u1;'));
  assert.ok(lines.includes('public <text> = w0 <u> <u>+ <v> <v>+ w2;'));
  assert.ok(!toGrammar([0, 2], VOCABULARY).includes('<u>'));
  const short = toGrammar([0, 1, 1, 2], VOCABULARY, { hasShortLoops: true });
  assert.ok(short.includes('public <text> = w0 <u>+ <v>+ w2;'));
});

test('a word that the vocabulary does not have is an internal error, not an unknown word', () => {
  assert.deepEqual(
    [0, 1].map((word) => isUnknown(word, VOCABULARY)),
    [false, true],
  );
  for (const word of [3, -1])
    assertMissing(() => toGrammar([0, word], VOCABULARY), `word ${word} of the vocabulary, which has 3`);
});

test('variants, silences and noises are recognised, and a loop counts as one phone', () => {
  const segments = [
    segment('<sil>', 0, 0.2),
    segment('w0(2)', 0.2, 0.3, [
      ['DH', 0.2, 0.24],
      ['IY', 0.24, 0.3],
    ]),
    segment('[NOISE]', 0.3, 0.35),
    segment('u1', 0.35, 0.4),
    segment('(NULL)', 0.4, 0.4),
    segment('u0', 0.4, 0.55),
    segment('v0', 0.55, 0.6),
  ];
  assert.deepEqual(readWords(segments, [0, 1, 1], true)?.words, [
    [phone('DH', 0.2, 0.24), phone('IY', 0.24, 0.3)],
    [phone('spn', 0.35, 0.55)],
    [phone('spn', 0.55, 0.6)],
  ]);
});

test('an answer with missing or other words is refused', () => {
  const segments = [segment('w0', 0, 0.1), segment('w2', 0.1, 0.4)];
  assert.equal(readWords(segments, [0, 2, 2], true), null);
  assert.equal(readWords(segments, [2, 0], true), null);
  assert.equal(readWords([], [0], true), null);
  assert.equal(readWords(segments, [0, 2, 2], false)?.words.length, 2);
});

test('the score is the mean over the words of the log probability per frame', () => {
  const likely = { ...segment('w0', 0, 0.1), p: Math.exp(-0.01) };
  const unlikely = { ...segment('w2', 0.1, 0.3), p: Math.exp(-0.1) };
  const found = readWords([likely, segment('u0', 0.3, 0.9), unlikely], [0, 1, 2], true);
  assert.ok(Math.abs((found?.score ?? 0) + 0.003) < 1e-9);
  assert.ok(Math.abs((found?.worstScore ?? 0) + 0.005) < 1e-9);
});

test.run();

function segment(
  t: string,
  startSec: number,
  endSec: number,
  phones: readonly (readonly [string, number, number])[] = [[t, startSec, endSec]],
): Segment {
  const w = phones.map(([label, from, to]) => ({ t: label, b: from, d: to - from, p: 1 }));
  return { t, b: startSec, d: endSec - startSec, p: 1, w };
}

function phone(label: string, startSec: number, endSec: number) {
  return { label, startSec, endSec };
}
