import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import { type MfaCorpus, writeMfaCorpus } from '../../../src/engines/mfa/corpus.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { makeDir, makeRequest, removeDirs, type Spoken } from '../../../testing/mfa.ts';

test.after(removeDirs);

test('every tier of every file is a speaker of its own, even where ids are equal', async () => {
  const corpus = await write({ a: { t: [[0, 1, 'x']], u: [[1, 2, 'x']] }, b: { t: [[0, 1, 'x']] } });
  const names = corpus.files.map((file) => file.speakers.map((speaker) => speaker.name));
  assert.deepEqual(names, [['S1', 'S2'], ['S3']]);
  const grids = await Promise.all(corpus.files.map((file) => readGrid(corpus, file.stem)));
  assert.deepEqual(
    grids.map((grid) => grid.tiers.map((tier) => tier.name)),
    [['S1', 'S2'], ['S3']],
  );
  assert.equal(corpus.speakerCount, 3);
});

test('tiers of different files with the same given speaker are one speaker', async () => {
  const request = makeRequest({ a: { t: [[0, 1, 'x']], u: [[1, 2, 'x']] }, b: { v: [[0, 1, 'x']] } });
  const files = request.files.map((file) => ({
    ...file,
    tiers: file.tiers.map((tier) => (tier.id === 'u' ? tier : { ...tier, speaker: 'p1' })),
  }));
  const corpus = await writeMfaCorpus({ ...request, files }, makeDir(), (line) => line);
  const names = corpus.files.map((file) => file.speakers.map((speaker) => speaker.name));
  assert.deepEqual(names, [['S1', 'S2'], ['S1']]);
  assert.equal(corpus.speakerCount, 2);
});

test('names in the corpus are letters and digits whatever the ids are, and its folder never has the same name', async () => {
  const spoken: Spoken = [[0, 1, 'x']];
  const files = { 'my talk': { '': spoken }, '$(touch x)': { notes: spoken }, "it's": { 'a"b': spoken } };
  const [first, second] = [await write(files), await write(files)];
  const names = await readdir(first.dir);
  assert.equal(names.length, 6);
  for (const name of [...names, path.basename(first.dir)])
    assert.match(name, /^[A-Za-z0-9]+(\.wav|\.TextGrid)?$/);
  assert.notEqual(path.basename(first.dir), path.basename(second.dir));
});

test('words are written as plain letters and read back, in any case of letters', async () => {
  const words = ["it's", 'well-known', '(hm)', '<unk>', 'été', '25', 'spn', 'ß'];
  const corpus = await write({ a: { t: [[0, 9, words.join(' ')]] } });
  const [grid] = await Promise.all([readGrid(corpus, 'f1')]);
  const [tier] = grid.tiers;
  const text = tier?.kind === 'interval' ? (tier.intervals[0]?.text ?? '') : '';
  assert.match(text, /^[a-z]+( [a-z]+){7}$/);
  assert.deepEqual(text.split(' ').map(corpus.wordOf), words);
  assert.deepEqual(text.toUpperCase().split(' ').map(corpus.wordOf), words);
  assert.equal(corpus.wordOf(''), null);
  assert.equal(corpus.wordOf('sil'), null);
});

test('the dictionary holds every variant of the words that occur, and no others', async () => {
  const request = makeRequest({ a: { t: [[0, 1, 'a']] } }, { phones: { a: ['AH0'] } });
  const pronunciations = [
    ...request.pronunciations,
    { word: 'a', phones: ['EY1'] },
    { word: 'b', phones: ['B'] },
  ];
  const corpus = await writeMfaCorpus({ ...request, pronunciations }, makeDir(), (line) => line);
  const lines = (await readFile(corpus.dictionaryPath, 'utf8')).trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => line.replace(/^[A-Z]+\t/, '')),
    ['AH0', 'EY1'],
  );
});

test('tiers and files without words are left out', async () => {
  const corpus = await write({ a: { t: [], u: [[0, 1, 'x']] }, b: { t: [] } });
  assert.deepEqual(
    corpus.files.map((file) => file.fileId),
    ['a'],
  );
  assert.deepEqual(
    corpus.files[0]?.speakers.map((speaker) => speaker.tierId),
    ['u'],
  );
  assert.deepEqual((await readdir(corpus.dir)).sort(), ['f1.TextGrid', 'f1.wav']);
});

test('the audio is linked, not copied, within one file system', async () => {
  const request = makeRequest({ a: { t: [[0, 1, 'x']] } });
  const corpus = await writeMfaCorpus(request, makeDir(), (line) => line);
  const audio = await stat(path.join(corpus.dir, 'f1.wav'));
  assert.equal(audio.ino, (await stat(request.files[0]?.audioPath ?? '')).ino);
});

test('the length of the speech is counted without the pauses between', async () => {
  const corpus = await write({
    a: {
      t: [
        [0, 1, 'x'],
        [4, 6, 'x'],
      ],
      u: [[2, 3, 'x']],
    },
  });
  assert.equal(corpus.speechSec, 4);
});

test('a working directory whose path a shell could act on is refused before anything is written', async () => {
  const workDir = path.join(makeDir(), '$(touch x)');
  const request = makeRequest({ a: { t: [[0, 1, 'x']] } });
  await assert.rejects(
    writeMfaCorpus(request, workDir, (line) => line),
    (error) =>
      error instanceof TaskError && error.code === 'E_CONFIG' && error.message.includes('$(touch x)'),
  );
});

async function write(files: Readonly<Record<string, Readonly<Record<string, Spoken>>>>): Promise<MfaCorpus> {
  return writeMfaCorpus(makeRequest(files), makeDir(), (line) => line);
}

async function readGrid(corpus: MfaCorpus, stem: string): Promise<ReturnType<typeof readTextGrid>> {
  return readTextGrid(await readFile(path.join(corpus.dir, `${stem}.TextGrid`), 'utf8'), stem);
}

test.run();
