import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findNearWords } from '../../src/lexicon/near-words.ts';
import { suiteWithTempDir } from '../support/temp-dir.ts';

const test = suiteWithTempDir('near words');
const { signal } = new AbortController();

function dictionary(dir: string, words: readonly string[]): { dictionaryPath: string } {
  const dictionaryPath = path.join(dir, 'words.dict');
  writeFileSync(dictionaryPath, words.map((word) => `${word}\tAH\n`).join(''));
  return { dictionaryPath };
}

test('of words that differ by one letter, those with the same letters and the same beginning come first', async ({
  dir,
}) => {
  const language = dictionary(dir, ['brian', 'rain', 'trial', 'train', 'train(2)', 'strain', 'house']);
  const near = await findNearWords(['trian'], language, signal);
  assert.deepEqual(near.get('trian'), ['train', 'trial', 'brian']);
});

test('two letters may differ in longer words, and words that are far off are left out', async ({ dir }) => {
  const language = dictionary(dir, ['station', 'states', 'at', 'cat']);
  const near = await findNearWords(['statoin', 'sttion', 'zzzzzz', 'ct', 'cart'], language, signal);
  assert.deepEqual(
    [...near],
    [
      ['statoin', ['station']],
      ['sttion', ['station']],
      ['cart', ['cat']],
    ],
  );
});

test('words are compared letter by letter in any script', async ({ dir }) => {
  const language = dictionary(dir, ['größe', 'école', '電車']);
  const near = await findNearWords(['grösse', 'ecole'], language, signal);
  assert.deepEqual(near.get('ecole'), ['école']);
  assert.deepEqual(near.get('grösse'), ['größe']);
});

test('the search ends when its signal does', async ({ dir }) => {
  const language = dictionary(
    dir,
    Array.from({ length: 2_000 }, (_, number) => `word${number}`),
  );
  const reason = new Error('ended');
  await assert.rejects(findNearWords(['wird'], language, AbortSignal.abort(reason)), reason);
});

test.run();
