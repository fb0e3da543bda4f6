import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { Finding } from '../../src/base/finding.ts';
import { waitingFor } from '../../testing/time-limits.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { suiteWithTempDir } from '../support/temp-dir.ts';
import { endAllCli, runCli, runJson, startCli } from './run-cli.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const SAMPLES_DIR = path.join(ROOT_DIR, 'samples');
const ENGLISH = ['--lang', 'engUS_SPHINX_v010', '--user', 'anna'];
const WAV = makeWav({ samples: sine(200, 16_000, 1) });

interface Document {
  readonly ready: boolean;
  readonly recordings: number;
  readonly recordingsReady: number;
  readonly words: number;
  readonly wordsUnknown: number;
  readonly audio: readonly object[];
  readonly unknown: readonly { word: string; count: number; near: string[]; place: { file: string } }[];
  readonly dictionary: string | null;
  readonly faults: readonly Finding[];
  readonly warnings: readonly Finding[];
}

const test = suiteWithTempDir('check');

test.after(() => endAllCli());

/** The only setting is a database that does not exist, because none is needed. */
function environment(dir: string): Record<string, string> {
  return { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', UPLOADS: path.join(dir, 'uploads') };
}

/** A recording of one second, and its words. */
function addPair(dir: string, name: string, text: string): void {
  const stem = path.join(dir, name);
  mkdirSync(path.dirname(stem), { recursive: true });
  writeFileSync(`${stem}.wav`, WAV);
  writeFileSync(`${stem}.txt`, text);
}

test('input that a worker would align is ready, without a database and with nothing written', async ({
  dir,
}) => {
  const args = ['check', path.join(SAMPLES_DIR, 'english-read'), ...ENGLISH];
  const { exitCode, stdout } = await runCli(args, environment(dir));
  assert.equal(exitCode, 0);
  assert.match(stdout, /^audio: 55 s; 2 recordings of 16000 Hz in 1 channel$/m);
  assert.match(stdout, /2 of 2 recordings ready; no faults, 0 warnings\n$/);
  assert.deepEqual(readdirSync(dir), []);
});

test('a recording with two channels is said to be mixed before it is queued', async ({ dir }) => {
  addPair(dir, 'talk', 'the water');
  writeFileSync(path.join(dir, 'talk.wav'), makeWav({ channelCount: 2, samples: sine(200, 16_000, 2) }));
  const { document } = await runJson<Document>(['check', dir, ...ENGLISH], environment(dir));
  assert.deepEqual(
    document.warnings.map(({ code, place }) => [code, place?.file]),
    [['W_AUDIO_MIXED_DOWN', 'talk.wav']],
  );
});

test('all faults that submit finds are reported, problems first and the summary last', async ({ dir }) => {
  const args = ['check', path.join(SAMPLES_DIR, 'broken'), ...ENGLISH];
  const [{ exitCode, stdout, stderr }, { document }] = await Promise.all([
    runCli(args, environment(dir)),
    runJson<Document>(args, environment(dir)),
  ]);
  assert.equal(exitCode, 2);
  assert.equal(stderr, '');
  assert.match(stdout, /^E_AUDIO_CUT_SHORT {2}audio-cut-short\/train\.wav: expected 69760 bytes/);
  assert.match(stdout, /\n1 of 10 recordings ready; 10 faults in 10 files, 3 warnings\n$/);
  assert.equal(document.ready, false);
  assert.equal(document.recordings, 10);
  assert.equal(document.recordingsReady, 1);
  assert.deepEqual(
    document.unknown.map(({ word, count }) => [word, count]),
    [['zorblax', 1]],
  );
  assert.deepEqual(document.faults.map(({ code }) => code).toSorted(), [
    'E_AUDIO_CUT_SHORT',
    'E_AUDIO_EMPTY',
    'E_AUDIO_EMPTY',
    'E_AUDIO_FORMAT',
    'E_AUDIO_MISSING',
    'E_AUDIO_TOO_SHORT',
    'E_TEXTGRID_MALFORMED',
    'E_TRANSCRIPT_MISSING',
    'E_TRANSCRIPT_NO_WORDS',
    'E_TRANSCRIPT_OVERLAP',
  ]);
});

test('texts of the built-in languages may be in the older encoding of Windows, which is a warning', async ({
  dir,
}) => {
  for (const [lang, text] of [
    ['engUS_SPHINX_v010', 'it\x92s late'],
    ['fraFR_SPHINX_v010', 'apr\xe8s l\x92\xe9t\xe9'],
  ] as const) {
    const folder = path.join(dir, lang);
    addPair(dir, `${lang}/a`, '');
    writeFileSync(path.join(folder, 'a.txt'), Buffer.from(text, 'latin1'));
    const { document } = await runJson<Document>(['check', folder, '--lang', lang], environment(dir));
    assert.equal(document.ready, true, lang);
    assert.equal(document.unknown.length, 0, lang);
    assert.ok(document.warnings.some(({ code }) => code === 'W_TEXT_ENCODING'));
  }
});

test('unknown words come with their number, first place and similar words', async ({ dir }) => {
  addPair(dir, 'corpus/a', 'the trian left the sttion\nthe trian');
  addPair(dir, 'corpus/b', 'the trian');
  const { document, exitCode } = await runJson<Document>(
    ['check', `${dir}/corpus`, ...ENGLISH],
    environment(dir),
  );
  assert.equal(exitCode, 0);
  const [trian, sttion] = document.unknown;
  assert.equal(trian?.word, 'trian');
  assert.equal(trian?.count, 3);
  assert.equal(trian?.place.file, 'a.txt');
  assert.ok(trian?.near.includes('train'), `${trian?.near}`);
  assert.equal(sttion?.count, 1);
  assert.ok(sttion?.near.includes('station'), `${sttion?.near}`);
});

test('words that are refused make their recordings unready', async ({ dir }) => {
  addPair(dir, 'corpus/a', 'the train');
  addPair(dir, 'corpus/b', 'the train is a zorblax');
  addPair(dir, 'corpus/c', 'the zorblax is a train');
  const env = { ...environment(dir), UNKNOWN_WORDS: 'fail' };
  const { document, exitCode } = await runJson<Document>(['check', `${dir}/corpus`, ...ENGLISH], env);
  assert.equal(exitCode, 2);
  assert.deepEqual([document.recordings, document.recordingsReady], [3, 1]);
  assert.deepEqual(
    document.faults.map(({ code }) => code),
    ['E_WORDS_UNKNOWN'],
  );
});

test('a dictionary of the unknown words is written, completed by hand, and taken by the next check', async ({
  dir,
}) => {
  addPair(dir, 'corpus/a', 'the zorblax left');
  const args = ['check', `${dir}/corpus`, ...ENGLISH];
  const file = path.join(dir, 'mine.dict');
  const { document } = await runJson<Document>([...args, '--write-dict', file], environment(dir));
  assert.equal(document.dictionary, file);
  const draft = readFileSync(file, 'utf8');
  assert.match(draft, /^;; zorblax\t$/m);
  writeFileSync(file, draft.replace(';; zorblax\t', 'zorblax\tZ AO R B L AE K S'));
  const again = await runJson<Document>([...args, '--user-dict', file], environment(dir));
  assert.equal(again.document.wordsUnknown, 0);
  const refused = await runCli([...args, '--write-dict', file], environment(dir));
  assert.equal(refused.exitCode, 2);
  assert.match(
    refused.stderr,
    /^E_USAGE {2}.*mine\.dict: it exists already; give another name, or remove it/,
  );
  const lost = await runCli([...args, '--write-dict', path.join(dir, 'nowhere', 'x.dict')], environment(dir));
  assert.equal(lost.exitCode, 2);
  assert.match(lost.stderr, /^E_USAGE {2}.*x\.dict: its folder is not there; make it, or give/);
  const nothing = path.join(dir, 'nothing.dict');
  await runCli([...args, '--user-dict', file, '--write-dict', nothing], environment(dir));
  assert.ok(!existsSync(nothing), 'no dictionary without unknown words');
});

test('the dictionary that the user has in UPLOADS is used', async ({ dir }) => {
  addPair(dir, 'corpus/a', 'the zorblax left');
  mkdirSync(path.join(dir, 'uploads/anna/dic'), { recursive: true });
  writeFileSync(path.join(dir, 'uploads/anna/dic/engUS_SPHINX_v010.dict'), 'zorblax\tZ AO R B L AE K S\n');
  const args = ['check', `${dir}/corpus`, ...ENGLISH];
  assert.equal((await runJson<Document>(args, environment(dir))).document.wordsUnknown, 0);
});

test('files and folders with nothing to align are refused as submit refuses them', async ({ dir }) => {
  mkdirSync(path.join(dir, 'empty'));
  mkdirSync(path.join(dir, 'noise'));
  writeFileSync(path.join(dir, 'noise/talk.wav'), 'no audio');
  writeFileSync(path.join(dir, 'noise/talk.txt'), 'the train');
  symlinkSync('loop', path.join(dir, 'loop'));
  const cases: [args: string[], said: RegExp][] = [
    [[path.join(dir, 'loop'), ...ENGLISH], /^E_USAGE {2}.*loop: it cannot be found \(ELOOP\)/],
    [[path.join(dir, 'empty'), ...ENGLISH], /^E_NO_FILES {2}nothing to align in .*empty/],
    [[path.join(dir, 'nowhere'), ...ENGLISH], /^E_USAGE {2}.*nowhere: no such file or folder/],
    [[...ENGLISH], /expected files or folders, found nothing/],
    [[path.join(dir, 'noise')], /^E_USAGE {2}which language\?/],
    [[path.join(dir, 'noise'), '--lang', 'engUS_SPHNX_v010'], /did you mean "engUS_SPHINX_v010"\?/],
  ];
  await Promise.all(
    cases.map(async ([args, said]) => {
      const { exitCode, stdout, stderr } = await runCli(['check', ...args], environment(dir));
      assert.match(stderr, said);
      assert.equal(stdout, '');
      assert.equal(exitCode, 2);
    }),
  );
  const bad = await runCli(['check', path.join(dir, 'noise'), ...ENGLISH], environment(dir));
  assert.equal(bad.exitCode, 2);
  assert.match(
    bad.stdout,
    /^E_AUDIO_FORMAT {2}talk\.wav: .*\n(?:.*\n)*0 of 1 recording ready; 1 fault in 1 file, 0 warnings\n$/,
  );
});

test('a file that may not be read is one fault, and the others are checked', async ({ dir }) => {
  // Root may read everything.
  if (process.getuid?.() === 0) return;
  addPair(dir, 'corpus/a', 'the train');
  addPair(dir, 'corpus/b', 'the train');
  chmodSync(path.join(dir, 'corpus/a.txt'), 0);
  const { stdout, exitCode } = await runCli(['check', `${dir}/corpus`, ...ENGLISH], environment(dir));
  assert.equal(exitCode, 2);
  assert.match(stdout, /^E_IO {2}a\.txt: it cannot be read \(EACCES\)/);
  assert.match(stdout, /1 of 2 recordings ready; 1 fault in 1 file/);
});

test('a line feed in a name cannot forge a line', async ({ dir }) => {
  addPair(dir, 'corpus/a\n9 of 9 recordings ready', 'the train');
  writeFileSync(path.join(dir, 'corpus/a\n9 of 9 recordings ready.txt'), '');
  const { stdout } = await runCli(['check', `${dir}/corpus`, ...ENGLISH], environment(dir));
  assert.match(stdout, /^E_\w+ {2}a\\n9 of 9 recordings ready\.txt: /);
});

test('recordings in several parts are counted, limited and judged as one task', async ({ dir }) => {
  // More than fits into one part.
  for (let number = 0; number < 270; number += 1)
    addPair(dir, `corpus/${number}`, number < 3 ? 'a zorblax' : 'the train');
  const args = ['check', `${dir}/corpus`, ...ENGLISH];
  const limits = { MAX_FILES: '500', MAX_AUDIO: '265' };
  const { document, exitCode } = await runJson<Document>(args, { ...environment(dir), ...limits });
  assert.equal(exitCode, 2);
  assert.equal(document.recordings, 270);
  assert.deepEqual(
    document.unknown.map(({ word, count }) => [word, count]),
    [['zorblax', 3]],
  );
  assert.deepEqual(
    document.faults.map(({ code, text }) => [code, /MAX_\w+/.exec(text)?.[0]]),
    [
      ['E_LIMIT', 'MAX_FILES'],
      ['E_LIMIT', 'MAX_AUDIO'],
    ],
  );
});

test('of many faults the first are shown, and with --all every one', async ({ dir }) => {
  mkdirSync(path.join(dir, 'corpus'));
  for (let number = 0; number < 60; number += 1) writeFileSync(path.join(dir, `corpus/${number}.wav`), WAV);
  const args = ['check', `${dir}/corpus`, ...ENGLISH];
  const [some, all, { document }] = await Promise.all([
    runCli(args, environment(dir)),
    runCli([...args, '--all'], environment(dir)),
    runJson<Document>(args, environment(dir)),
  ]);
  assert.equal(some.stdout.match(/^E_TRANSCRIPT_MISSING/gm)?.length, 50);
  assert.match(some.stdout, /^and 10 more faults; --all shows them$/m);
  assert.equal(all.stdout.match(/^E_TRANSCRIPT_MISSING/gm)?.length, 60);
  assert.equal(document.faults.length, 60);
});

test('Ctrl-C ends it with 130, and leaves no file behind', async ({ dir }) => {
  addPair(dir, 'corpus/a', 'the train');
  mkdirSync(path.join(dir, 'tmp'));
  // A converter that reports when it runs, and never ends.
  const socket = path.join(dir, 'socket');
  const ffmpeg = path.join(dir, 'ffmpeg');
  const script = `#!${process.execPath}\nrequire('net').connect(${JSON.stringify(socket)});\n`;
  writeFileSync(ffmpeg, script, { mode: 0o755 });
  writeFileSync(
    path.join(dir, 'corpus/a.wav'),
    makeWav({ samples: sine(200, 16_000, 1), bitsPerSample: 24 }),
  );
  const server = net.createServer().listen(socket);
  const runs = once(server, 'connection');
  const env = { ...environment(dir), FFMPEG: ffmpeg, TMPDIR: path.join(dir, 'tmp') };
  const checking = startCli(['check', `${dir}/corpus`, ...ENGLISH], env);
  await waitingFor('the converter to run', runs);
  checking.child.kill('SIGINT');
  const { exitCode, stderr } = await checking.ended;
  assert.equal(exitCode, 130);
  assert.match(stderr, /^interrupted: not everything was checked\n$/);
  server.close();
  assert.deepEqual(
    readdirSync(path.join(dir, 'tmp')).filter((name) => name.startsWith('autophon-')),
    [],
  );
});

test('a reader that goes early ends it without a message', async ({ dir }) => {
  const child = spawn(
    process.execPath,
    [path.join(ROOT_DIR, 'src/cli/main.ts'), 'check', path.join(SAMPLES_DIR, 'broken'), ...ENGLISH],
    { env: { PATH: process.env['PATH'] ?? '', ...environment(dir) }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.destroy();
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  assert.equal(said, '');
});

test.run();
