import assert from 'node:assert/strict';
import { test } from 'uvu';
import { placeWords } from '../../../src/pipeline/align/common-words.ts';

const place = (text: string, given: string) => placeWords(text.split(''), given.split(''));

test('words that came back get their places in the text, in the order of both', () => {
  assert.deepEqual(place('abcd', 'abcd'), [0, 1, 2, 3]);
  assert.deepEqual(place('abcd', 'bd'), [1, 3]);
  assert.deepEqual(place('abcd', 'axbcyd'), [0, undefined, 1, 2, undefined, 3]);
  assert.deepEqual(place('ab', 'ba').filter((at) => at !== undefined).length, 1);
  assert.deepEqual(place('abc', 'xyz'), [undefined, undefined, undefined]);
  assert.deepEqual(placeWords([], ['a']), [undefined]);
});

test('words are placed so that most of them match', () => {
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const words = () => Array.from({ length: random(12) }, () => 'abc'.charAt(random(3)));
  for (let n = 0; n < 500; n++) {
    const [text, given] = [words(), words()];
    const places = placeWords(text, given);
    const found = places.filter((at) => at !== undefined);
    assert.deepEqual(
      found,
      [...new Set(found)].sort((a, b) => a - b),
    );
    assert.ok(places.every((at, index) => at === undefined || text[at] === given[index]));
    assert.equal(found.length, longest(text, given), `${text} ${given}`);
  }
});

test('with very many differences only the words at both ends are placed', () => {
  const words = Array.from({ length: 4000 }, (_, at) => `w${at}`);
  const other = ['w0', ...words.slice(1, -1).toReversed(), 'w3999'];
  const places = placeWords(words, other);
  assert.deepEqual([places[0], places.at(-1), places.filter((at) => at !== undefined).length], [0, 3999, 2]);
});

test.run();

/** By the definition: either the last words of both match, or the last word of one is left out. */
function longest(text: readonly string[], given: readonly string[]): number {
  let row = Array<number>(given.length + 1).fill(0);
  for (const word of text) {
    const next = [0];
    for (const [index, other] of given.entries()) {
      const best = Math.max(next[index] ?? 0, row[index + 1] ?? 0);
      next.push(word === other ? (row[index] ?? 0) + 1 : best);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
