import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { AlignedWord } from '../../../src/engines/engine.ts';
import { fillGaps } from '../../../src/formats/textgrid/write.ts';
import { matchUtterances, type WordInPlace } from '../../../src/pipeline/align/match.ts';
import type { PreparedUtterance } from '../../../src/pipeline/prepared.ts';

const UTTERANCE: PreparedUtterance = {
  startSec: 1,
  endSec: 2,
  words: ['he', 'was'],
  written: ['He', 'was'],
  interval: 2,
};

/** A word as its label and the boundaries of its phones. */
type Spoken = readonly [label: string, ...phones: (readonly [string, number, number])[]];

function toWord([label, ...phones]: Spoken): AlignedWord {
  return {
    label,
    startSec: phones[0]?.[1] ?? 0,
    endSec: phones.at(-1)?.[2] ?? 0,
    phones: phones.map(([phone, startSec, endSec]) => ({ label: phone, startSec, endSec })),
  };
}

/** The alignment of the utterance, as the text of its two tiers; null: it counts as not aligned. */
function match(...spoken: Spoken[]) {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  matchUtterances([UTTERANCE], spoken.map(toWord), found);
  const words = found.get(UTTERANCE);
  if (words === undefined) return null;
  const write = (some: readonly { label: string; startSec: number; endSec: number }[]) =>
    fillGaps(
      some.map(({ label, startSec, endSec }) => ({ startSec, endSec, text: label })),
      0,
      3,
    )
      .filter(({ text }) => text !== '')
      .map(({ startSec, endSec, text }) => `${text} ${startSec}-${endSec}`);
  return { words: write(words), phones: write(words.flatMap(({ phones }) => phones)) };
}

test('words that lie in their utterance, each with its phones, are taken as they are', () => {
  const found = match(['he', ['HH', 1, 1.2], ['IY', 1.2, 1.5]], ['was', ['W', 1.6, 1.7], ['Z', 1.7, 1.9]]);
  assert.deepEqual(found, {
    words: ['he 1-1.5', 'was 1.6-1.9'],
    phones: ['HH 1-1.2', 'IY 1.2-1.5', 'W 1.6-1.7', 'Z 1.7-1.9'],
  });
});

test('a time that is not a number loses its own word only', () => {
  const found = match(['x', ['X', Number.NaN, Number.NaN]], ['he', ['HH', 1, 1.5]], ['was', ['W', 1.6, 1.9]]);
  assert.deepEqual(found?.words, ['he 1-1.5', 'was 1.6-1.9']);
});

test('boundaries that were rounded apart are made one, so that one phone never lies over the next', () => {
  const found = match(
    ['he', ['HH', 0.99, 1.21], ['IY', 1.2, 1.5]],
    ['was', ['W', 1.49, 1.7], ['Z', 1.7, 2.02]],
  );
  assert.deepEqual(found, {
    words: ['he 1-1.5', 'was 1.5-2'],
    phones: ['HH 1-1.21', 'IY 1.21-1.5', 'W 1.5-1.7', 'Z 1.7-2'],
  });
});

test('words begin and end with their phones, also where the engine rounds both on their own', () => {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  const he = toWord(['he', ['HH', 1.001, 1.2], ['IY', 1.2, 1.499]]);
  const was = toWord(['was', ['W', 1.5, 1.9]]);
  matchUtterances([UTTERANCE], [{ ...he, startSec: 1, endSec: 1.5 }, was], found);
  assert.deepEqual(
    found.get(UTTERANCE)?.map(({ startSec, endSec }) => [startSec, endSec]),
    [
      [1.001, 1.499],
      [1.5, 1.9],
    ],
  );
});

test('an utterance with a phone that lies outside of it, or under another one, is not aligned', () => {
  const was: Spoken = ['was', ['W', 1.6, 1.9]];
  assert.equal(match(['he', ['HH', 0.96, 0.99], ['IY', 1, 1.5]], was), null);
  assert.equal(match(['he', ['HH', 1, 1.03], ['IY', 1.01, 1.02], ['X', 1.03, 1.5]], was), null);
  assert.equal(match(['he', ['HH', 1, 1.5]], ['was', ['W', 1.5, 1.98], ['Z', 2.0, 2.02]]), null);
});

test('an utterance with one of two words missing, wrong or without phones is not aligned', () => {
  const he: Spoken = ['he', ['HH', 1, 1.5]];
  const was: Spoken = ['was', ['W', 1.6, 1.9]];
  assert.notEqual(match(he, was), null);
  assert.equal(match(he), null);
  assert.equal(match(he, ['is', ['W', 1.6, 1.9]]), null);
  assert.equal(match(he, ['was']), null);
});

test.run();
