import assert from 'node:assert/strict';
import { test } from 'uvu';
import { type Divided, divide, type Window, type WordFinder } from '../../../src/engines/sphinx/divide.ts';
import type { Stretch } from '../../../src/engines/sphinx/job.ts';
import type { PlacedWord, Span } from '../../../src/engines/stretches.ts';

const STRETCH_MAX_SEC = 26;

test('ten minutes of speech are cut at pauses into stretches that hold all words once', async () => {
  const words = speak(10 * 60);
  const { stretches } = await divide(utteranceOf(words, 600), new StandIn(words));
  assertHolds(stretches, words);
  const inPause = stretches.filter(({ firstWord }) => firstWord % 8 === 0);
  assert.equal(inPause.length, stretches.length);
});

test('speech without any pause is cut, too', async () => {
  const words = speak(200, { pauseEvery: Number.POSITIVE_INFINITY });
  assertHolds((await divide(utteranceOf(words, 200), new StandIn(words))).stretches, words);
});

test('minutes of silence at the start, in the middle and at the end are left out', async () => {
  const words = [...speak(40, { fromSec: 180 }), ...speak(40, { fromSec: 400 })];
  const { stretches } = await divide(utteranceOf(words, 600), new StandIn(words));
  assertHolds(stretches, words);
  assert.ok(stretches.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0) < 90);
});

test('speech that is denser than the rest of its utterance does not run out of words', async () => {
  const words = [...speak(55, { wordSec: 0.12 }), ...speak(100, { fromSec: 900, wordSec: 1 })];
  assertHolds((await divide(utteranceOf(words, 1000), new StandIn(words))).stretches, words);
});

test('words that are not said at the start, in the middle or at the end are left out, all others held', async () => {
  const words = speak(200);
  for (const place of [0, 300, words.length]) {
    const text = [...words.slice(0, place), ...unsaid(14), ...words.slice(place)];
    const { stretches, others } = await divide(utteranceOf(text, 200), new StandIn(text));
    assertHoldsSaid(stretches, text);
    assert.deepEqual(others, []);
  }
});

test('a search in a long text gets only the words that may be near', async () => {
  const words = speak(1800);
  const text = [...words.slice(0, 300), ...unsaid(14), ...words.slice(300)];
  const finder = new StandIn(text);
  assertHoldsSaid((await divide(utteranceOf(text, 1800), finder)).stretches, text);
  assert.ok(
    finder.searchedWords > 0 && finder.searchedWords < 600,
    `${finder.searchedWords} of ${text.length}`,
  );
});

test('where nothing of these words is said, or only the first, a search gets more', async () => {
  const words = speak(1800);
  for (const place of [0, 60, 300]) {
    const text = [...words.slice(0, place), ...unsaid(600), ...words.slice(place)];
    const finder = new StandIn(text);
    // Then the words are taken from the search.
    finder.unheard = new Set([words[10]]);
    const { stretches } = await divide(utteranceOf(text, 1800), finder);
    assert.equal(
      stretches.reduce((sum, { wordCount }) => sum + wordCount, 0),
      words.length,
    );
  }
});

test('speech that the text does not have is reported, and loses no word', async () => {
  const words = speak(200);
  const [fromSec, toSec] = [words[200]?.startSec ?? 0, words[240]?.startSec ?? 0];
  const finder = new StandIn(words.toSpliced(200, 40), [words.slice(200, 240)].flat());
  const { stretches, others } = await divide(utteranceOf(finder.text, 200), finder);
  assertHoldsSaid(stretches, finder.text);
  assert.ok(others.length > 0 && others.every(({ startSec }) => startSec >= fromSec && startSec < toSec));
});

test('words that a search did not find get the audio between the words around them', async () => {
  const words = speak(100);
  const finder = new StandIn([...unsaid(3), ...words]);
  finder.unheard = new Set([finder.text[50], finder.text[51]]);
  const gap = (await divide(utteranceOf(finder.text, 100), finder)).stretches.find(
    ({ from }) => from === 'gap',
  );
  assert.deepEqual(
    [gap?.firstWord, gap?.wordCount, gap?.startSec, gap?.endSec],
    [50, 2, finder.text[49]?.endSec, finder.text[52]?.startSec],
  );
});

test('with the model of another language, words count only where a search has heard them', async () => {
  const words = speak(200);
  const finder = new StandIn(words);
  finder.unheard = new Set(words.slice(50, 52));
  finder.follow = () => Promise.reject(new Error('followed'));
  const { stretches } = await divide({ ...utteranceOf(words, 200), isForeign: true }, finder);
  assert.ok(stretches.every(({ from }) => from === 'search'));
  const held = stretches.reduce((sum, { wordCount }) => sum + wordCount, 0);
  assert.equal(held, words.length - 2);
});

test('for the text of another recording nothing is found, after each second was searched less than twice', async () => {
  const finder = new StandIn(unsaid(2000), speak(900));
  const { stretches } = await divide(utteranceOf(finder.text, 900), finder);
  assert.deepEqual(stretches, []);
  assert.ok(finder.searchedSec < 2 * 900, `${finder.searchedSec} s`);
});

test.run();

interface Speech {
  readonly fromSec?: number;
  readonly wordSec?: number;
  readonly pauseEvery?: number;
}

/** Words with a pause of 0.3 s after every eighth. */
function speak(durationSec: number, speech: Speech = {}): Span[] {
  const { fromSec = 0, wordSec = 0.3, pauseEvery = 8 } = speech;
  const words: Span[] = [];
  let atSec = fromSec + 0.1;
  while (atSec + wordSec < fromSec + durationSec) {
    words.push({ startSec: atSec, endSec: atSec + wordSec });
    atSec += wordSec + (words.length % pauseEvery === 0 ? 0.3 : 0);
  }
  return words;
}

/** Words of a text that are not spoken. */
function unsaid(count: number): Span[] {
  return Array.from({ length: count }, () => ({ startSec: Number.NaN, endSec: Number.NaN }));
}

function utteranceOf(text: readonly unknown[], endSec: number) {
  return { startSec: 0, endSec, wordCount: text.length };
}

/**
 * Finds the spoken words. Following the text becomes doubtful at the first word that is not spoken. A text that ends
 * before the audio is stretched over the whole audio, as a decoder may do.
 */
class StandIn implements WordFinder {
  readonly text: readonly Span[];
  readonly #others: readonly Span[];
  unheard = new Set<Span | undefined>();
  searchedSec = 0;
  /** The most that a search was given. */
  searchedWords = 0;

  constructor(text: readonly Span[], others: readonly Span[] = []) {
    this.text = text;
    this.#others = others;
  }

  async follow(window: Window, isWhole: boolean) {
    const { startSec, endSec, firstWord, wordCount } = window;
    const asked = this.text.slice(firstWord, firstWord + wordCount);
    const found = asked.filter((word) => word.startSec >= startSec - 0.01 && word.endSec <= endSec);
    const isWrong =
      asked.slice(0, found.length + 1).some((word) => Number.isNaN(word.startSec)) ||
      this.#othersIn(window).length > 0;
    const isDoubtful = (): boolean => isWrong;
    if (isWhole) return found.length === wordCount ? { words: found, isDoubtful } : null;
    if (found.length < wordCount || firstWord + wordCount === this.text.length)
      return { words: found, isDoubtful };
    const stepSec = (endSec - startSec) / wordCount;
    const words = found.map((_, at) => ({
      startSec: startSec + at * stepSec,
      endSec: startSec + (at + 1) * stepSec,
    }));
    return { words, isDoubtful };
  }

  async search(window: Window) {
    const { startSec, endSec, firstWord, wordCount } = window;
    this.searchedSec += endSec - startSec;
    this.searchedWords = Math.max(this.searchedWords, wordCount);
    const isIn = (one: Span) => one.startSec >= startSec - 0.01 && one.endSec <= endSec;
    const anchors = this.text
      .map((word, at) => ({ ...word, at, score: -0.001, row: at, word }))
      .slice(firstWord, firstWord + wordCount)
      .filter((one) => isIn(one) && !this.unheard.has(one.word));
    const later = this.text.slice(firstWord + wordCount).filter(isIn);
    return { anchors, others: [...this.#othersIn(window), ...later] };
  }

  #othersIn({ startSec, endSec }: Span): Span[] {
    return this.#others.filter((other) => other.startSec >= startSec && other.endSec <= endSec);
  }
}

function assertHoldsSaid(stretches: Divided['stretches'], text: readonly Span[]): void {
  const placed = text.map((word, at) => ({ ...word, at })).filter(({ startSec }) => !Number.isNaN(startSec));
  assertHolds(stretches, placed);
}

/** @param words - all words that must be in the parts, each once */
function assertHolds(stretches: readonly Stretch[], words: readonly (Span & Partial<PlacedWord>)[]): void {
  const held: number[] = [];
  let lastEndSec = 0;
  for (const { startSec, endSec, firstWord, wordCount } of stretches) {
    assert.ok(startSec >= lastEndSec, `${startSec} s before ${lastEndSec} s`);
    lastEndSec = endSec;
    assert.ok(endSec - startSec <= STRETCH_MAX_SEC, `${endSec - startSec} s`);
    for (let at = firstWord; at < firstWord + wordCount; at++) {
      const word = words.find((one, place) => (one.at ?? place) === at);
      assert.ok(word !== undefined && word.startSec >= startSec && word.endSec <= endSec, `word ${at}`);
      held.push(at);
    }
  }
  assert.deepEqual(
    held,
    words.map(({ at }, place) => at ?? place),
  );
}
