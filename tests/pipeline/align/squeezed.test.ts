import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { WordInPlace } from '../../../src/pipeline/align/match.ts';
import { takeSqueezed } from '../../../src/pipeline/align/squeezed.ts';

/** Words with their start and length; a second without a word is a pause. */
function words(...all: readonly (readonly [number, number])[]): WordInPlace[] {
  return all.map(([startSec, sec], at) => ({
    label: `w${at}`,
    at,
    startSec,
    endSec: startSec + sec,
    phones: [],
  }));
}

const SPEECH = { startSec: 2.4, endSec: 3.2 };
const take = (found: readonly WordInPlace[], unwritten = [SPEECH]) => takeSqueezed(found, unwritten, () => 5);

test('words that are squeezed in before or behind a pause are taken away, with the speech in the pause', () => {
  for (const found of [
    words([0, 0.5], [0.5, 0.5], [1, 0.1], [1.1, 0.1], [3.3, 0.5], [3.8, 0.5]),
    words([0, 0.5], [0.5, 0.5], [3.3, 0.1], [3.4, 0.1], [3.5, 0.5], [4, 0.5]),
  ]) {
    const { squeezed, words: left, unwritten } = take(found);
    assert.deepEqual([...squeezed].sort(), [2, 3]);
    assert.deepEqual(
      left.map(({ at }) => at),
      [0, 1, 4, 5],
    );
    assert.deepEqual(unwritten, []);
  }
});

test('short words within speech stay, and speech in a pause between words of the usual length', () => {
  const short = words([0, 0.5], [0.5, 0.1], [0.6, 0.5], [3.3, 0.5], [3.8, 0.5]);
  const { squeezed, words: left, unwritten } = take(short);
  assert.deepEqual([squeezed.size, left.length, unwritten], [0, 5, [SPEECH]]);
});

test('beside words that were not found nothing is taken away', () => {
  const found = words([0, 0.5], [0.5, 0.5], [1, 0.1], [3.3, 0.5], [3.8, 0.5]);
  const gapped = found.map((word) => (word.at > 2 ? { ...word, at: word.at + 1 } : word));
  assert.equal(take(gapped).squeezed.size, 0);
});

test('speech in another pause stays', () => {
  const found = words([0, 0.5], [0.5, 0.1], [2, 0.5], [2.5, 0.5], [6, 0.5], [6.5, 0.5]);
  const other = { startSec: 4, endSec: 5 };
  const { squeezed, unwritten } = take(found, [{ startSec: 0.8, endSec: 1.8 }, other]);
  assert.deepEqual([[...squeezed], unwritten], [[1], [other]]);
});

test.run();
