import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { pairUp } from '../../../src/pipeline/prepare/pairs.ts';
import { gather } from '../../../src/tasks/gather.ts';
import { createPipelineBench } from '../../../testing/pipeline.ts';
import { shown } from '../../support/finding.ts';

const E_COMPOSED = '\u00e9';
const E_SPLIT = 'e\u0301';

const test = suite<{ dir: string }>('which transcript belongs to which recording');

test.before.each((context) => {
  context.dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-pairs-'));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

/** The pairs of files with these names: `audio+transcript` for each, then codes and texts of the findings. */
function pairing(...names: string[]) {
  const paired = pairUp(names.map((relative) => ({ relative, path: `/x/${relative}` })));
  return {
    pairs: paired.recordings.map(
      ({ audio, transcript }) => `${audio.relative}+${transcript?.relative ?? ''}`,
    ),
    names: paired.recordings.map(({ name }) => name),
    told: [...paired.faults, ...paired.warnings].map((one) => `${one.code} ${shown(one)}`),
  };
}

test('capitals, the writing of accents and doubled extensions make no difference', () => {
  for (const [audio, transcript] of [
    ['talk.WAV', 'Talk.textgrid'],
    ['talk.wav', 'talk.wav.TextGrid'],
    ['talk.wav.wav', 'talk.TextGrid'],
    ['talk.mp3', 'talk.TextGrid.TextGrid'],
    [`caf${E_COMPOSED}.wav`, `caf${E_SPLIT}.TextGrid`],
    [`CAF${E_SPLIT.toUpperCase()}.wav`, `caf${E_COMPOSED}.txt`],
    ['Straße.wav', 'STRASSE.lab'],
    ['ΟΔΟΣ.wav', 'οδος.TextGrid'],
    ['day 1/talk.wav', 'day 1/TALK.TextGrid'],
  ] as const) {
    const found = pairing(audio, transcript);
    assert.deepEqual(found.pairs, [`${audio}+${transcript}`]);
    assert.deepEqual(found.told, []);
  }
});

test('the result has the name of the recording', () => {
  assert.deepEqual(pairing('Talk.WAV', 'talk.wav.TextGrid').names, ['Talk']);
  assert.deepEqual(pairing(`caf${E_SPLIT}.wav`, `caf${E_COMPOSED}.txt`).names, [`caf${E_COMPOSED}`]);
});

test('JSON is the transcript of a recording that has no other', () => {
  assert.deepEqual(pairing('talk.wav', 'talk.json').pairs, ['talk.wav+talk.json']);
  const beside = pairing('talk.wav', 'talk.json', 'talk.srt');
  assert.deepEqual(beside.pairs, ['talk.wav+talk.srt']);
  assert.deepEqual(beside.told, ['W_FILE_IGNORED talk.json: not used, since talk.srt is the transcript']);
  assert.deepEqual(pairing('talk.wav', 'talk.srt', 'package.json').told, [
    'W_FILE_IGNORED package.json: not used, since no recording has its name',
  ]);
});

test('files with different names are not a pair, nor are files of two folders', () => {
  for (const names of [
    ['talk1.wav', 'talk2.TextGrid'],
    ['a/talk.wav', 'b/talk.TextGrid'],
    ['A/talk.wav', 'a/talk.TextGrid'],
    ['talk.v1.wav', 'talk.v2.TextGrid'],
  ]) {
    const { pairs, told } = pairing(...names);
    assert.deepEqual(pairs, []);
    assert.deepEqual(
      told.map((one) => one.split(' ')[0]),
      ['E_AUDIO_MISSING', 'E_TRANSCRIPT_MISSING'],
    );
  }
});

test('subtitles may have a language in their name, as download programs write it', () => {
  for (const subtitles of ['talk.en.vtt', 'Talk [x].en-US.srt', 'talk.zh-Hans.vtt', 'talk.en-orig.vtt']) {
    const audio = `${subtitles.replace(/\.[^.]+\.[^.]+$/, '')}.wav`;
    const found = pairing(audio, subtitles);
    assert.deepEqual([found.pairs, found.told], [[`${audio}+${subtitles}`], []]);
  }
  const own = pairing('talk.wav', 'talk.en.wav', 'talk.en.vtt', 'talk.vtt');
  assert.deepEqual(own.pairs, ['talk.wav+talk.vtt', 'talk.en.wav+talk.en.vtt']);
  const two = pairing('talk.wav', 'talk.de.vtt', 'talk.en.vtt');
  assert.match(two.told.join(), /^E_PAIR_UNCLEAR .*2 transcripts: talk\.de\.vtt and talk\.en\.vtt/);
  for (const other of ['talk.en.txt', 'talk.part.vtt', 'talk.1.srt'])
    assert.deepEqual(pairing('talk.wav', other).pairs, [], other);
});

test('links in a folder are not followed, which is reported; a link that is named is', async ({ dir }) => {
  const folder = path.join(dir, 'corpus');
  mkdirSync(folder);
  for (const name of ['talk.wav', 'talk.TextGrid']) {
    writeFileSync(path.join(dir, name), '');
    symlinkSync(path.join(dir, name), path.join(folder, name));
  }
  writeFileSync(path.join(folder, 'other.wav'), '');
  const { recordings, warnings } = await gather([folder]);
  assert.deepEqual(recordings, []);
  assert.deepEqual(
    warnings.map((one) => shown(one).split(';')[0]),
    ['talk.TextGrid', 'talk.wav'].map((name) => `${name}: not used, since it is a symbolic link`),
  );
  const named = await gather([path.join(folder, 'talk.wav')]);
  assert.equal(named.recordings.length, 1);
});

test('two recordings whose names differ only in capitals, with one transcript, are a question', () => {
  const { pairs, told } = pairing('A.wav', 'a.wav', 'a.TextGrid');
  assert.deepEqual(pairs, []);
  assert.deepEqual(told, [
    'E_PAIR_UNCLEAR A.wav: expected one recording and one transcript of this name, found 2 recordings: A.wav and ' +
      'a.wav; the transcript a.TextGrid. Rename or remove what does not belong together.',
  ]);
});

test('if each has a transcript, files with exactly equal names belong together', () => {
  assert.deepEqual(pairing('A.wav', 'a.wav', 'a.TextGrid', 'A.TextGrid').pairs, [
    'A.wav+A.TextGrid',
    'a.wav+a.TextGrid',
  ]);
  const doubled = pairing('talk.wav', 'talk.mp3', 'talk.wav.TextGrid', 'talk.mp3.TextGrid');
  assert.deepEqual(doubled.pairs, ['talk.mp3+talk.mp3.TextGrid', 'talk.wav+talk.wav.TextGrid']);
  assert.deepEqual(doubled.names, ['talk.mp3', 'talk.wav']);
  // The end of a name, which looks like an extension.
  const ended = pairing('talk.au.wav', 'talk.wav', 'talk.TextGrid', 'talk.au.TextGrid');
  assert.deepEqual(ended.pairs, ['talk.wav+talk.TextGrid', 'talk.au.wav+talk.au.TextGrid']);
});

test('two transcripts of one recording are a question, and both are named', () => {
  const { pairs, told } = pairing('a.wav', 'a.TextGrid', 'a.txt');
  assert.deepEqual(pairs, []);
  assert.deepEqual(told, [
    'E_PAIR_UNCLEAR a.wav: expected one recording and one transcript of this name, found 2 transcripts: a.TextGrid ' +
      'and a.txt. Rename or remove what does not belong together.',
  ]);
});

test('two recordings of one name are a question, but not a film beside its audio', () => {
  assert.match(
    pairing('a.wav', 'a.mp3', 'a.TextGrid').told.join(),
    /^E_PAIR_UNCLEAR a\.wav: .*2 recordings: a\.wav and a\.mp3/,
  );
  const film = pairing('a.MP4', 'A.wav', 'a.TextGrid');
  assert.deepEqual(film.pairs, ['A.wav+a.TextGrid']);
  assert.deepEqual(film.told, ['W_FILE_IGNORED a.MP4: not used, since A.wav has its audio']);
});

test('a text without a recording is ignored as notes, any other transcript is reported as lacking its recording', () => {
  const { pairs, told } = pairing('a.wav', 'a.TextGrid', 'README.txt', 'b.TextGrid');
  assert.deepEqual(pairs, ['a.wav+a.TextGrid']);
  assert.deepEqual(told, [
    'E_AUDIO_MISSING b.TextGrid: no recording; expected b.wav beside it',
    'W_FILE_IGNORED README.txt: not used, since no recording has its name',
  ]);
  // Without any recording, as after those of a completed task were deleted.
  assert.deepEqual(pairing('a.txt').told, ['E_AUDIO_MISSING a.txt: no recording; expected a.wav beside it']);
});

test('a transcript whose name is nearly that of a recording is reported with this recording', () => {
  const hintFor = (audio: string, transcript: string): string =>
    pairing(audio, transcript)
      .told.join('\n')
      .match(/beside it(; if .*)/)?.[1] ?? '';
  const meant = (name: string) => `; if it belongs to ${name}, give both one name, in one folder`;
  for (const [audio, transcript] of [
    ['talk (1).wav', 'talk.TextGrid'],
    ['talk.wav', 'talk - Copy.TextGrid'],
    ['ap’s.wav', "ap's.eaf"],
    ['dash–1.wav', 'dash_1.srt'],
    ['interveiw.wav', 'interview.eaf'],
    ['wav/talk.wav', 'text/talk.eaf'],
  ] as const) {
    assert.equal(hintFor(audio, transcript), meant(audio));
  }
  assert.equal(hintFor('ct\u200b.wav', 'ct.TextGrid'), meant('ct\\u{200b}.wav'));
  assert.equal(hintFor('nb\u00a0sp.wav', 'nb sp.TextGrid'), meant('nb\\xa0sp.wav'));
  assert.equal(hintFor('talk1.wav', 'talk2.TextGrid'), '');
  assert.equal(hintFor('morning.wav', 'evening.TextGrid'), '');
  const two = pairing('talk (1).wav', 'talk (2).wav', 'talk.TextGrid');
  assert.ok(!two.told.join('').includes('if it belongs'));
});

test('for a recording alone, a short message says which names its transcript may have', () => {
  const [told = ''] = pairing('day/talk.wav').told;
  assert.match(
    told,
    /^E_TRANSCRIPT_MISSING day\/talk\.wav: no transcript; expected talk\.TextGrid \(or \.eaf, .*\) beside it$/,
  );
});

test('thousands of files of one name are reported in one short message, quickly', () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `a${'.wav'.repeat(index % 50)}.wav`);
  const { told } = pairing(...names.map((name, index) => `${name}${'.TextGrid'.repeat(index % 2)}`));
  assert.equal(told.length, 1);
  assert.ok((told[0] ?? '').length < 5_000);
});

test('worker and submit find the same pairs', async ({ dir }) => {
  await using bench = await createPipelineBench();
  mkdirSync(path.join(dir, 'day 1'));
  for (const name of [
    'A.wav',
    'a.wav',
    'a.txt',
    'day 1/B.WAV',
    'day 1/b.wav.TextGrid',
    'c.wav',
    'c.txt',
    'c.lab',
  ]) {
    writeFileSync(path.join(dir, name), '');
    await bench.add(name, '');
  }
  const { recordings, faults } = await gather([dir]);
  assert.deepEqual(
    recordings.map(({ name }) => name),
    ['day 1/B'],
  );
  const bare = (text: string) => text.replace(/, or name only.*?(?=\.$)/, '');
  const unclear = (await bench.faults()).filter(({ code }) => code === 'E_PAIR_UNCLEAR');
  assert.deepEqual(faults.map(shown).map(bare), unclear.map(shown));
  assert.equal(unclear.length, 2);
});

test('of two transcripts, the one that is named to submit is used', async ({ dir }) => {
  const [audio = '', grid = '', text = ''] = ['a.wav', 'a.TextGrid', 'A.txt'].map((name) => {
    writeFileSync(path.join(dir, name), '');
    return path.join(dir, name);
  });
  const unclear = await gather([audio]);
  assert.match(
    shown(unclear.faults[0]),
    /2 transcripts: .*, or name only the files that do: submit talk\.wav/,
  );
  for (const chosen of [grid, text]) {
    const { recordings, faults } = await gather([audio, chosen]);
    assert.deepEqual(faults, []);
    assert.deepEqual(
      recordings.map(({ transcript }) => transcript?.path),
      [chosen],
    );
  }
});

test('a file that is named twice, or by its folder too, is one', async ({ dir }) => {
  mkdirSync(path.join(dir, 'day'));
  for (const name of ['a.wav', 'a.TextGrid']) writeFileSync(path.join(dir, 'day', name), '');
  const audio = path.join(dir, 'day/a.wav');
  for (const paths of [
    [audio, audio],
    [dir, audio],
    [audio, dir],
  ]) {
    const { recordings, faults } = await gather(paths);
    assert.deepEqual([recordings.length, faults], [1, []]);
  }
});

test('two files with one name in two named folders are two tasks', async ({ dir }) => {
  for (const folder of ['one', 'two']) {
    mkdirSync(path.join(dir, folder));
    for (const name of ['a.wav', 'a.TextGrid']) writeFileSync(path.join(dir, folder, name), '');
  }
  const { faults } = await gather([path.join(dir, 'one'), path.join(dir, 'two')]);
  assert.deepEqual(
    faults.map(({ code, text }) => [code, /submit them as two tasks/.test(text)]),
    [
      ['E_USAGE', true],
      ['E_USAGE', true],
    ],
  );
});

test.run();
