import assert from 'node:assert/strict';
import { test } from 'uvu';
import { pairFiles } from '../../src/page/home/pairing.ts';

const pair = (...names: string[]) => pairFiles(names.map((name) => ({ name })));

/** Each recording as `name: audio + transcripts`. */
const shown = (...names: string[]): string[] =>
  pair(...names).pairs.map(
    ({ name, audio, transcripts }) =>
      `${name}: ${audio.map((file) => file.name)} + ${transcripts.map((file) => file.name)}`,
  );

const problemOf = (...names: string[]): string | null => pair(...names).pairs[0]?.problem ?? null;

test('a recording and a transcript of one name in one folder are a pair', () => {
  assert.deepEqual(shown('b.wav', 'a.WAV', 'A.textgrid', 'b.txt', 'day 2/b.wav', 'day 2/b.eaf'), [
    'a: a.WAV + A.textgrid',
    'b: b.wav + b.txt',
    'day 2/b: day 2/b.wav + day 2/b.eaf',
  ]);
  assert.deepEqual(shown('talk.wav', 'talk.wav.TextGrid'), ['talk: talk.wav + talk.wav.TextGrid']);
});

test('a partner that is missing is named', () => {
  assert.match(problemOf('talk.wav') ?? '', /The transcript is missing: add talk\.TextGrid/);
  assert.match(problemOf('x/talk.TextGrid') ?? '', /The recording is missing: add talk\.wav/);
  assert.equal(problemOf('talk.wav', 'talk.lab'), null);
});

test('files that could belong together in several ways are named', () => {
  const problem = problemOf('talk.wav', 'talk.TextGrid', 'talk.txt') ?? '';
  assert.match(problem, /not clear .*talk\.wav, talk\.TextGrid, talk\.txt/);
});

test('a table may describe the recordings that have no transcript', () => {
  const { pairs, tables } = pair('words.csv', 'a.wav', 'b.wav');
  assert.deepEqual(
    tables.map(({ name }) => name),
    ['words.csv'],
  );
  assert.deepEqual(
    pairs.map(({ problem }) => problem),
    [null, null],
  );
});

test('files that no task uses are left aside: notes, pictures, hidden files, the film beside its audio', () => {
  const { pairs, ignored } = pair(
    'a.wav',
    'a.mp4',
    'a.TextGrid',
    'notes.txt',
    'x.png',
    '.DS_Store',
    '._a.wav',
  );
  assert.deepEqual(ignored.map(({ name }) => name).sort(), [
    '.DS_Store',
    '._a.wav',
    'a.mp4',
    'notes.txt',
    'x.png',
  ]);
  assert.equal(pairs.length, 1);
  assert.equal(pairs[0]?.problem, null);
});

test('JSON counts where a recording has no other transcript', () => {
  const { pairs, ignored } = pair('a.wav', 'a.json', 'a.srt', 'b.wav', 'b.json', 'c.json');
  assert.deepEqual(
    pairs.map(({ transcripts, problem }) => [transcripts.map(({ name }) => name).join(), problem]),
    [
      ['a.srt', null],
      ['b.json', null],
    ],
  );
  assert.deepEqual(ignored.map(({ name }) => name).sort(), ['a.json', 'c.json']);
});

test('ten thousand files are paired at once', () => {
  const names = Array.from({ length: 5_000 }, (_, n) => [`${n}.wav`, `${n}.TextGrid`]).flat();
  assert.equal(pair(...names).pairs.length, 5_000);
});

test.run();
