import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import {
  AUDIO_EXTENSIONS,
  inputKindOf,
  isFilm,
  isOftenOther,
  TRANSCRIPT_EXTENSIONS,
  transcriptFormatOf,
  transcriptNames,
} from '../../src/base/input-kinds.ts';
import { gather } from '../../src/tasks/gather.ts';
import { createPipelineBench } from '../../testing/pipeline.ts';
import { shown } from '../support/finding.ts';

const test = suite<{ dir: string }>('types of recordings');

test.before.each((context) => {
  context.dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-types-'));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

function add(dir: string, ...names: string[]): string[] {
  for (const name of names) writeFileSync(path.join(dir, name), '');
  return names.map((name) => path.join(dir, name));
}

test('the kind of a file is known by its extension, in capitals or not, and by nothing else', () => {
  const kinds = ['a.WAV', 'day 1/b.mp3', 'a.textgrid', 'a.TextGrid', 'a.dict', 'wav', 'a.wav.part', 'a.pdf'];
  assert.deepEqual(kinds.map(inputKindOf), [
    ...['audio', 'audio', 'transcript', 'transcript', 'dictionary'],
    ...[null, null, null],
  ]);
  const formats = ['a.TEXTGRID', 'a.wav', 'a.TXT', 'a.lab', 'a.csv', 'a.TSV', 'a.xlsx'].map(
    transcriptFormatOf,
  );
  assert.deepEqual(formats, ['TextGrid', null, 'Text', 'Text', 'Table', 'Table', 'Spreadsheet']);
});

test('extensions that other files have, too, are all extensions of transcripts', () => {
  assert.deepEqual(['a.TXT', 'a.csv', 'a.lab', 'a.TextGrid'].map(isOftenOther), [true, true, false, false]);
});

test('a message names all extensions of transcripts that can be read', () => {
  assert.equal(
    transcriptNames('talk'),
    'talk.TextGrid (or .eaf, .txt, .lab, .srt, .vtt, .trs, .cha, .csv, .tsv, .json, .xlsx)',
  );
});

test('no extension means two things', () => {
  const all = [...AUDIO_EXTENSIONS, ...TRANSCRIPT_EXTENSIONS, 'dict'];
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
  const { recordings, faults, warnings } = await gather([dir]);
  assert.deepEqual([recordings.length, faults, warnings], [AUDIO_EXTENSIONS.length, [], []]);
  const told = await bench.faults();
  assert.deepEqual([...new Set(told.map(({ code }) => code))].sort(), [
    'E_AUDIO_EMPTY',
    'E_TEXTGRID_MALFORMED',
  ]);
  assert.equal(told.filter(({ code }) => code === 'E_AUDIO_EMPTY').length, AUDIO_EXTENSIONS.length);
});

test('a film beside its audio is passed over, in whatever order the two are given to submit', async ({
  dir,
}) => {
  const [film = '', sound = '', grid = ''] = add(dir, 'talk.mp4', 'talk.wav', 'talk.TextGrid');
  for (const paths of [[dir], [grid], [film, sound, grid], [sound, film]]) {
    const { recordings, faults, warnings } = await gather(paths);
    assert.deepEqual(
      recordings.map(({ audio }) => audio.relative),
      ['talk.wav'],
      paths.join(' '),
    );
    assert.deepEqual(faults, []);
    assert.deepEqual(warnings.map(shown), ['talk.mp4: not used, since talk.wav has its audio']);
  }
});

test('a film that is named by itself is the recording', async ({ dir }) => {
  const [film = ''] = add(dir, 'talk.mp4', 'talk.wav', 'talk.TextGrid');
  const { recordings } = await gather([film]);
  assert.deepEqual(
    recordings.map(({ audio }) => audio.relative),
    ['talk.mp4'],
  );
  assert.deepEqual(['talk.MP4', 'talk.mkv', 'talk.wav', 'talk.mp3'].map(isFilm), [true, true, false, false]);
});

test.run();
