import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import {
  AUDIO_EXTENSIONS,
  chooseRecording,
  inputKindOf,
  transcriptFormatOf,
  transcriptNames,
} from '../../src/base/input-kinds.ts';
import { gather } from '../../src/tasks/gather.ts';
import { createPipelineBench } from '../../testing/pipeline.ts';

const test = suite<{ dir: string }>('types of recordings');

test.before.each((context) => {
  context.dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-types-'));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

function add(dir: string, ...names: string[]): string[] {
  for (const name of names) writeFileSync(path.join(dir, name), '');
  return names.map((name) => path.join(dir, name));
}

test('the kind of a file follows from its extension alone, in capitals or not', () => {
  const kinds = ['a.WAV', 'day 1/b.mp3', 'a.textgrid', 'a.TextGrid', 'a.dict', 'wav', 'a.wav.part', 'a.txt'];
  assert.deepEqual(kinds.map(inputKindOf), [
    ...['audio', 'audio', 'transcript', 'transcript', 'dictionary'],
    ...[null, null, null],
  ]);
  assert.deepEqual(['a.TEXTGRID', 'a.wav'].map(transcriptFormatOf), ['TextGrid', null]);
});

test('no extension stands for two kinds', () => {
  const all = [
    ...AUDIO_EXTENSIONS,
    ...transcriptNames('')
      .split(' or ')
      .map((name) => name.slice(1)),
    'dict',
  ];
  assert.deepEqual(
    all.filter((one, at) => all.findIndex((other) => other.toLowerCase() === one.toLowerCase()) !== at),
    [],
  );
});

test('submit and the worker take every type that the decoder reads', async ({ dir }) => {
  await using bench = await createPipelineBench();
  for (const extension of AUDIO_EXTENSIONS) {
    const pair = [`a-${extension}.${extension.toUpperCase()}`, `a-${extension}.TextGrid`];
    add(dir, ...pair);
    for (const name of pair) await bench.add(name, '');
  }
  const { pairs, faults, ignored } = await gather([dir]);
  assert.deepEqual([pairs.length, faults, ignored], [AUDIO_EXTENSIONS.length, [], []]);
  const told = await bench.faults();
  assert.deepEqual([...new Set(told.map(({ code }) => code))].sort(), [
    'E_AUDIO_EMPTY',
    'E_TEXTGRID_MALFORMED',
  ]);
  assert.equal(told.filter(({ code }) => code === 'E_AUDIO_EMPTY').length, AUDIO_EXTENSIONS.length);
});

test('a film with an audio file of the same name beside it is passed over, however the two are named to submit', async ({
  dir,
}) => {
  const [film = '', audio = '', grid = ''] = add(dir, 'talk.mp4', 'talk.wav', 'talk.TextGrid');
  for (const paths of [[dir], [grid], [film, audio, grid], [audio, film]]) {
    const { pairs, faults, ignored } = await gather(paths);
    assert.deepEqual(
      pairs.map(({ audioPath }) => path.basename(audioPath)),
      ['talk.wav'],
      paths.join(' '),
    );
    assert.deepEqual([faults, ignored], [[], ['talk.mp4']]);
  }
});

test('a film that is named by itself is the recording', async ({ dir }) => {
  const [film = ''] = add(dir, 'talk.mp4', 'talk.wav', 'talk.TextGrid');
  const { pairs } = await gather([film]);
  assert.deepEqual(
    pairs.map(({ audioPath }) => path.basename(audioPath)),
    ['talk.mp4'],
  );
});

test('two recordings of one name and one kind are refused: only their owner can choose', () => {
  assert.equal(chooseRecording('a.wav', 'a.mp3'), null);
  assert.equal(chooseRecording('a.mp4', 'a.MOV'), null);
});

test.run();
