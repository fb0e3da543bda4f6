import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findAnchors, type HeardWord, OTHER_SPEECH } from '../../../src/engines/sphinx/anchors.ts';

const TEXT = 'the boat left the harbour at nine and nobody saw it but the dog slept on the warm stones'.split(
  ' ',
);
const WORD_SEC = 0.3;

test('a text that is spoken as written is found as a whole', () => {
  assert.equal(found(TEXT.join(' ')), TEXT.join(' '));
});

test('words that are not spoken are skipped, at the start, in the middle and at the end', () => {
  assert.equal(found('and nobody saw it but the dog'), 'and nobody saw it but the dog');
  const spoken = 'the boat left the harbour, the dog slept on the warm stones';
  assert.equal(found(spoken), 'the boat left the harbour the dog slept on the warm stones');
});

test('other speech between words is left out', () => {
  const spoken = 'the boat left the harbour at nine, ?, and nobody saw it but the dog';
  assert.equal(found(spoken), 'the boat left the harbour at nine and nobody saw it but the dog');
});

test('a few words that are found by chance, or fit badly, are not taken for the text', () => {
  assert.equal(found('? ? nobody ? the dog ? ? on the ? at'), '');
  assert.equal(found('? slept on the warm ?', -0.02), '');
});

test('when two sentences are swapped, the longer one is found and the other left out', () => {
  const spoken = 'and nobody saw it but the dog slept on the warm stones, the boat left the harbour at nine';
  assert.equal(found(spoken), 'and nobody saw it but the dog slept on the warm stones');
});

test('when a text occurs twice, the nearer one is taken', () => {
  const places = findAnchors(hear('the boat left the harbour', -0.001), [...TEXT, ...TEXT].map(numberOf)).map(
    ({ at }) => at,
  );
  assert.deepEqual(places, [0, 1, 2, 3, 4]);
});

test('a word between two sentences goes to the one that it follows without a pause', () => {
  const text = 'the boat left the harbour at nine and nobody saw it but the dog'.split(' ').map(numberOf);
  const spoken = hear('the boat left the harbour, at ?, ?, at nine and nobody saw it but the dog', -0.001);
  const at = findAnchors(spoken, text).find((anchor) => anchor.at === 5);
  assert.equal(at?.row, 8);
});

test.run();

function found(spoken: string, score = -0.001): string {
  return findAnchors(hear(spoken, score), TEXT.map(numberOf))
    .map(({ at }) => TEXT[at])
    .join(' ');
}

/** Words with pauses only at commas; a question mark is other speech. */
function hear(spoken: string, score: number): HeardWord[] {
  let sec = 0;
  return spoken.split(' ').map((token) => {
    const word = token.startsWith('?') ? OTHER_SPEECH : numberOf(token.replace(',', ''));
    const startSec = sec;
    sec += WORD_SEC + (token.endsWith(',') ? WORD_SEC : 0);
    return { word, startSec, endSec: startSec + WORD_SEC, score };
  });
}

function numberOf(word: string): number {
  return TEXT.indexOf(word);
}
