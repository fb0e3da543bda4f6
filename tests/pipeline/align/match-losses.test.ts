import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { AlignedWord } from '../../../src/engines/engine.ts';
import { matchUtterances, type WordInPlace } from '../../../src/pipeline/align/match.ts';
import type { PreparedUtterance } from '../../../src/pipeline/prepared.ts';

const FIRST = utteranceOf(1, 2, 'red fox');
const SECOND = utteranceOf(2, 3, 'hen');
const WHOLE = [wordOf('red', 1.1, 1.5), wordOf('fox', 1.5, 1.9), wordOf('hen', 2.2, 2.8)];

test('an utterance whose words are all there, in order and in its time, is aligned', () => {
  assert.deepEqual(match(WHOLE), ['red fox', 'hen']);
});

test('an utterance with a word too many keeps its own words, and gets a warning', () => {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  const partial = matchUtterances([FIRST], [...WHOLE.slice(0, 2), wordOf('hen', 1.9, 1.98)], found);
  assert.deepEqual([labelsOf(found), partial], [['red fox'], [FIRST]]);
});

const LONG = utteranceOf(0, 8, 'the red fox saw the red hen');
const LONG_WORDS = LONG.words.map((word, at) => wordOf(word, at, at + 0.9));
const PARTIAL: [what: string, words: AlignedWord[], places: number[]][] = [
  ['lacks a word', LONG_WORDS.toSpliced(3, 1), [0, 1, 2, 4, 5, 6]],
  ['lacks its first words', LONG_WORDS.slice(2), [2, 3, 4, 5, 6]],
  ['lacks its last words', LONG_WORDS.slice(0, 4), [0, 1, 2, 3]],
  ['has another word in place of one', LONG_WORDS.with(3, wordOf('hen', 3, 3.9)), [0, 1, 2, 4, 5, 6]],
  [
    'has a word without phones',
    LONG_WORDS.with(1, { ...wordOf('red', 1, 1.9), phones: [] }),
    [0, 2, 3, 4, 5, 6],
  ],
  ['has a word over the next', LONG_WORDS.with(2, wordOf('fox', 2, 3.4)), [0, 1, 2, 4, 5, 6]],
  [
    'has a word of its neighbour',
    [...LONG_WORDS.slice(0, 6), wordOf('hen', 6, 6.5), wordOf('hen', 6.5, 7), wordOf('cat', 7, 7.4)],
    [0, 1, 2, 3, 4, 5, 6],
  ],
];
for (const [what, words, places] of PARTIAL) {
  test(`an utterance that ${what} keeps its other words in place, and gets a warning`, () => {
    const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
    assert.deepEqual(matchUtterances([LONG], words, found), [LONG]);
    assert.deepEqual(
      found.get(LONG)?.map(({ at }) => at),
      places,
    );
  });
}

test('an utterance of which no more than half of the words came back counts as lost', () => {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  matchUtterances([LONG], LONG_WORDS.slice(0, 3), found);
  assert.equal(found.size, 0);
});

const INCOMPLETE: [what: string, words: AlignedWord[]][] = [
  ['lacks a word', [wordOf('red', 1.1, 1.5)]],
  ['lacks all words', []],
  ['has another word', [wordOf('red', 1.1, 1.5), wordOf('hen', 1.5, 1.9)]],
  ['has its words in another order', [wordOf('fox', 1.1, 1.5), wordOf('red', 1.5, 1.9)]],
  ['has a word without phones', [wordOf('red', 1.1, 1.5), { ...wordOf('fox', 1.5, 1.9), phones: [] }]],
  ['has words that overlap', [wordOf('red', 1.1, 1.7), wordOf('fox', 1.4, 1.9)]],
  ['has a phone without length', [wordOf('red', 1.1, 1.5), wordOf('fox', 1.7, 1.7)]],
  ['ends far after its time', [wordOf('red', 1.1, 1.5), wordOf('fox', 1.5, 2.3)]],
  ['begins far before its time', [wordOf('red', 0.8, 1.3), wordOf('fox', 1.5, 1.9)]],
];
for (const [what, words] of INCOMPLETE) {
  test(`an utterance that ${what} counts as lost, the next does not`, () => {
    assert.deepEqual(match([...words, ...WHOLE.slice(2)]), ['hen']);
  });
}

test('a word that is rounded over the edge of its utterance is cut to it', () => {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  matchUtterances([SECOND], [wordOf('hen', 1.99, 3.01)], found);
  assert.deepEqual(found.get(SECOND), [{ ...wordOf('hen', 2, 3), at: 0 }]);
});

function match(words: readonly AlignedWord[]): string[] {
  const found = new Map<PreparedUtterance, readonly WordInPlace[]>();
  matchUtterances([FIRST, SECOND], words, found);
  return labelsOf(found);
}

function labelsOf(found: ReadonlyMap<PreparedUtterance, readonly AlignedWord[]>): string[] {
  return [...found.values()].map((own) => own.map(({ label }) => label).join(' '));
}

function utteranceOf(startSec: number, endSec: number, text: string): PreparedUtterance {
  const words = text.split(' ');
  return { startSec, endSec, words, written: words, interval: 1 };
}

/** With one phone over its whole time. */
function wordOf(label: string, startSec: number, endSec: number): AlignedWord {
  return { label, startSec, endSec, phones: [{ label: 'x', startSec, endSec }] };
}

test.run();
