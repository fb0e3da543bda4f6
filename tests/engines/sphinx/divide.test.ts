import assert from 'node:assert/strict';
import { test } from 'uvu';
import { divide, type FindWords, type TimedWord } from '../../../src/engines/sphinx/divide.ts';
import type { Stretch } from '../../../src/engines/sphinx/job.ts';

const STRETCH_MAX_SEC = 26;

test('ten minutes of speech are cut at pauses into stretches that hold all words once', async () => {
  const words = speak(10 * 60);
  const stretches = await divide(utteranceOf(words, 600), finder(words));
  assertHolds(stretches, words);
  const inPause = stretches.filter(({ firstWord }) => firstWord % 8 === 0);
  assert.equal(inPause.length, stretches.length);
});

test('speech without any pause is cut all the same', async () => {
  const words = speak(200, { pauseEvery: Number.POSITIVE_INFINITY });
  assertHolds(await divide(utteranceOf(words, 200), finder(words)), words);
});

test('minutes of silence at the start, in the middle and at the end are left out', async () => {
  const words = [...speak(40, { fromSec: 180 }), ...speak(40, { fromSec: 400 })];
  const stretches = await divide(utteranceOf(words, 600), finder(words));
  assertHolds(stretches, words);
  assert.ok(stretches.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0) < 90);
});

test('speech that is denser than the rest of its utterance does not run out of words', async () => {
  const words = [...speak(55, { wordSec: 0.12 }), ...speak(100, { fromSec: 900, wordSec: 1 })];
  assertHolds(await divide(utteranceOf(words, 1000), finder(words)), words);
});

test('words that are not spoken any more are in no stretch', async () => {
  const words = speak(100);
  const stretches = await divide({ startSec: 0, endSec: 100, wordCount: words.length + 50 }, finder(words));
  const heldCount = stretches.reduce((sum, { wordCount }) => sum + wordCount, 0);
  assert.ok(heldCount > 0.8 * words.length && heldCount <= words.length, `${heldCount} of ${words.length}`);
});

test('when nothing more can be found, what was found stays', async () => {
  const words = speak(300);
  const find = finder(words);
  const stretches = await divide(utteranceOf(words, 300), (startSec, ...rest) =>
    startSec > 100 ? Promise.resolve(null) : find(startSec, ...rest),
  );
  const heldCount = stretches.reduce((sum, { wordCount }) => sum + wordCount, 0);
  assert.ok(heldCount > 200 && heldCount < words.length, `${heldCount} of ${words.length}`);
});

test.run();

interface Speech {
  readonly fromSec?: number;
  readonly wordSec?: number;
  readonly pauseEvery?: number;
}

/** Words with a pause of 0.3 s after each eighth. */
function speak(durationSec: number, speech: Speech = {}): TimedWord[] {
  const { fromSec = 0, wordSec = 0.3, pauseEvery = 8 } = speech;
  const words: TimedWord[] = [];
  let atSec = fromSec + 0.1;
  while (atSec + wordSec < fromSec + durationSec) {
    words.push({ startSec: atSec, endSec: atSec + wordSec });
    atSec += wordSec + (words.length % pauseEvery === 0 ? 0.3 : 0);
  }
  return words;
}

function utteranceOf(words: readonly TimedWord[], endSec: number) {
  return { startSec: 0, endSec, wordCount: words.length };
}

/** Finds what is spoken; a text that is used up before the sound ends is stretched over all of it, as a decoder may do. */
function finder(spoken: readonly TimedWord[]): FindWords {
  return async (startSec, endSec, firstWord, wordCount, isWhole) => {
    const text = spoken.slice(firstWord, firstWord + wordCount);
    const found = text.filter((word) => word.startSec >= startSec - 0.01 && word.endSec <= endSec);
    if (isWhole) return found.length === wordCount ? found : null;
    if (found.length < wordCount || firstWord + wordCount === spoken.length) return found;
    const stepSec = (endSec - startSec) / wordCount;
    return found.map((_, at) => ({
      startSec: startSec + at * stepSec,
      endSec: startSec + (at + 1) * stepSec,
    }));
  };
}

function assertHolds(stretches: readonly Stretch[], words: readonly TimedWord[]): void {
  let next = 0;
  let lastEndSec = 0;
  for (const { startSec, endSec, firstWord, wordCount } of stretches) {
    assert.equal(firstWord, next);
    next += wordCount;
    assert.ok(startSec >= lastEndSec, `${startSec} s before ${lastEndSec} s`);
    lastEndSec = endSec;
    assert.ok(endSec - startSec <= STRETCH_MAX_SEC, `${endSec - startSec} s`);
    for (const word of words.slice(firstWord, next)) {
      assert.ok(word.startSec >= startSec && word.endSec <= endSec, `${word.startSec} s`);
    }
  }
  assert.equal(next, words.length);
}
