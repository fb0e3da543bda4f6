import assert from 'node:assert/strict';
import { suite } from 'uvu';
import type { SpokenWord } from '../../src/formats/result-words.ts';
import { gentleCsv, gentleWords } from '../../src/tasks/gentle.ts';

const test = suite('words as Gentle gives them');

/** One word per second, by default with two phones. */
const heard = (words: readonly string[], labels = ['W', 'AH1']): SpokenWord[] =>
  words.map((text, at) => ({
    text,
    startSec: at,
    endSec: at + 0.5,
    number: at + 1,
    quality: 'ok',
    phones: labels.map((label, n) => ({
      label,
      ipa: null,
      startSec: at + (n * 0.5) / labels.length,
      endSec: at + ((n + 1) * 0.5) / labels.length,
    })),
  }));
const short = (transcript: string, words: readonly string[]) =>
  gentleWords(transcript, heard(words)).map((one) =>
    one.case === 'not-found-in-transcript'
      ? [one.case, one.alignedWord]
      : [one.case, one.word, one.startOffset, one.endOffset],
  );

test('a word has its place in the text, its times, and its phones with their place in it', () => {
  assert.deepEqual(gentleWords('Well, one!', heard(['Well', 'one'], ['HH', 'AH1', 'N']))[0], {
    case: 'success',
    word: 'Well',
    alignedWord: 'well',
    startOffset: 0,
    endOffset: 4,
    start: 0,
    end: 0.5,
    phones: [
      { phone: 'hh_B', duration: 0.167 },
      { phone: 'ah_I', duration: 0.167 },
      { phone: 'n_E', duration: 0.167 },
    ],
  });
});

test('a word of one phone, and a word that no dictionary has, are marked as such', () => {
  const [a] = gentleWords('a', heard(['a'], ['AH0']));
  assert.ok(a?.case === 'success');
  assert.deepEqual(a.phones, [{ phone: 'ah_S', duration: 0.5 }]);
  const [unknown] = gentleWords('Xyz', heard(['Xyz'], ['spn']));
  assert.ok(unknown?.case === 'success');
  assert.deepEqual([unknown.alignedWord, unknown.phones[0]?.phone], ['<unk>', 'oov_S']);
});

test('a word that was divided at a _ is found', () => {
  assert.deepEqual(short('the_cat the dog', ['the', 'cat', 'the', 'dog']), [
    ['success', 'the_cat', 0, 7],
    ['success', 'the', 8, 11],
    ['success', 'dog', 12, 15],
  ]);
});

test('words that were not found are between those that were', () => {
  assert.deepEqual(short('the cat, the dog', ['the', 'dog']), [
    ['success', 'the', 0, 3],
    ['not-found-in-audio', 'cat', 4, 7],
    ['not-found-in-audio', 'the', 9, 12],
    ['success', 'dog', 13, 16],
  ]);
  assert.deepEqual(short('one two', []), [
    ['not-found-in-audio', 'one', 0, 3],
    ['not-found-in-audio', 'two', 4, 7],
  ]);
});

test('a word is not found inside another word', () => {
  assert.deepEqual(short('that cat at a', ['at', 'a']), [
    ['not-found-in-audio', 'that', 0, 4],
    ['not-found-in-audio', 'cat', 5, 8],
    ['success', 'at', 9, 11],
    ['success', 'a', 12, 13],
  ]);
});

test('parts of one word are one, and so are words that were aligned as one', () => {
  assert.deepEqual(short("here's one", ['here', "'s", 'one']), [
    ['success', "here's", 0, 6],
    ['success', 'one', 7, 10],
  ]);
  assert.deepEqual(short('a well-known man', ['a', 'well-known', 'man']), [
    ['success', 'a', 0, 1],
    ['success', 'well-known', 2, 12],
    ['success', 'man', 13, 16],
  ]);
});

test('offsets count characters, not UTF-16 units', () => {
  assert.deepEqual(short('😀 naïve café', ['naïve', 'café']), [
    ['success', 'naïve', 2, 7],
    ['success', 'café', 8, 12],
  ]);
});

test('words that are not in the text come last, without a place', () => {
  assert.deepEqual(short('one', ['one', 'two']), [
    ['success', 'one', 0, 3],
    ['not-found-in-transcript', 'two'],
  ]);
});

test('a long text does not take long', () => {
  const words = Array.from({ length: 20_000 }, (_, n) => `word${n % 977}`);
  const found = gentleWords(words.join(' '), heard(words));
  assert.equal(found.filter((one) => one.case === 'success').length, 20_000);
});

test('a word that is not in a long text is searched once', () => {
  const words = Array.from({ length: 20_000 }, () => 'a');
  const found = gentleWords('a'.repeat(200_000), heard(words));
  assert.equal(found.filter((one) => one.case === 'not-found-in-transcript').length, 20_000);
});

test('the table has a row for each word of the text, without a header', () => {
  const words = gentleWords('one, two', heard(['one', 'nine']));
  assert.equal(gentleCsv({ transcript: 'one, two', words }), 'one,one,0,0.5\r\ntwo,,,\r\n');
});

test.run();
