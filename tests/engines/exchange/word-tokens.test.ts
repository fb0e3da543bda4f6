import assert from 'node:assert/strict';
import { test } from 'uvu';
import { createWordTokens } from '../../../src/engines/exchange/word-tokens.ts';
import type { Pronunciation } from '../../../src/lexicon/language.ts';

const say = (word: string, phones: string): Pronunciation => ({ word, phones: phones.split(' ') });
const manyWords = (count: number): Pronunciation[] =>
  Array.from({ length: count }, (_, i) => say(`w${i}`, 'a'));

test('words with digits, quotes or letters beyond ASCII become tokens of capital letters, and are named again', () => {
  const spoken = ['3rd', "'cause", 'garçon', '你好', 'naïve-té', '$(touch x)'];
  const words = createWordTokens(spoken.map((word) => say(word, 'a b')));
  for (const word of spoken) {
    assert.match(words.tokenOf(word), /^X[A-Z]{3}$/);
    assert.equal(words.wordOf(words.tokenOf(word)), word);
  }
});

test('no token contains XXX or HHH, which faseAlign skips without a message', () => {
  const words = createWordTokens(manyWords(20_000));
  for (const { word } of manyWords(20_000)) assert.match(words.tokenOf(word), /^X[A-GI-WYZ]+$/);
});

test('each word has a token of its own, however many there are', () => {
  const spoken = manyWords(20_000).map(({ word }) => word);
  const words = createWordTokens(manyWords(20_000));
  const tokens = new Set(spoken.map((word) => words.tokenOf(word)));
  assert.equal(tokens.size, spoken.length);
  assert.equal(new Set([...tokens].map((token) => token.length)).size, 1);
});

test('a dictionary holds all variants of the words asked for, once each, in dictionary order, and nothing else', () => {
  const lines = ['no n o', 'la l a', 'no n u', 'el e l', 'no n o'].map((line) => {
    const [word = '', ...phones] = line.split(' ');
    return { word, phones };
  });
  const words = createWordTokens(lines);
  assert.deepEqual(words.dictionaryOf(['el', 'no', 'el'], '  '), [
    `${words.tokenOf('no')}  n o`,
    `${words.tokenOf('no')}  n u`,
    `${words.tokenOf('el')}  e l`,
  ]);
});

test('silence is not a word, and a word without a pronunciation is refused', () => {
  const words = createWordTokens([say('la', 'l a')]);
  assert.equal(words.wordOf('sp'), null);
  assert.equal(words.wordOf('XBBB'), null);
  assert.throws(() => words.tokenOf('casa'), /"casa".*without a pronunciation/);
});

test.run();
