import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Finding } from '../../src/base/finding.ts';
import { writeTextGrid } from '../../src/formats/textgrid/write.ts';
import type { Tier } from '../../src/formats/tiers.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { suiteWithTempDir } from '../support/temp-dir.ts';
import { endAllCli, runCli, runJson } from './run-cli.ts';

const REFERENCE = path.resolve(
  import.meta.dirname,
  '../../samples/reference/english-read/night-train.TextGrid',
);
/** A database that does not exist, because none is needed. */
const ENV = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };

interface Document {
  readonly format: string;
  readonly files: readonly {
    readonly to: string;
    readonly losses: readonly string[];
    readonly faults: readonly Finding[];
  }[];
}

const test = suiteWithTempDir('convert');

test.after(() => endAllCli());

type Label = readonly [startSec: number, endSec: number, text: string];

function intervals(name: string, ...labels: Label[]): Tier {
  const span = { startSec: 0, endSec: 4 };
  return {
    kind: 'interval',
    name,
    ...span,
    intervals: labels.map(([startSec, endSec, text]) => ({ startSec, endSec, text })),
  };
}

function addTextGrid(dir: string, name: string, ...tiers: Tier[]): string {
  const file = path.join(dir, name);
  writeFileSync(file, writeTextGrid({ startSec: 0, endSec: 4, tiers }));
  return file;
}

const ANNA = intervals('anna', [0, 1, 'so it was'], [1, 2.5, ''], [2.5, 4, 'on the train']);

test('every format is written from a TextGrid, and what is read again gives the same TextGrid', async ({
  dir,
}) => {
  const file = addTextGrid(dir, 'talk.TextGrid', ANNA);
  for (const [extension, format] of [
    ['TextGrid', 'short'],
    ['json', 'json'],
    ['csv', 'csv'],
    ['eaf', 'eaf'],
    ['srt', 'srt'],
    ['vtt', 'vtt'],
  ]) {
    const to = path.join(dir, `new.${extension}`);
    const { exitCode, document } = await runJson<Document>(['convert', file, to, '--to', `${format}`], ENV);
    assert.equal(exitCode, 0, format);
    assert.equal(document.format, format);
  }
  assert.equal(
    readFileSync(path.join(dir, 'new.srt'), 'utf8'),
    '1\n00:00:00,000 --> 00:00:01,000\nso it was\n\n2\n00:00:02,500 --> 00:00:04,000\non the train\n\n',
  );
  for (const name of ['new.TextGrid', 'new.eaf', 'new.vtt']) {
    await runCli(['convert', path.join(dir, name), path.join(dir, 'back.TextGrid'), '--force'], ENV);
    assert.equal(readFileSync(path.join(dir, 'back.TextGrid'), 'utf8'), readFileSync(file, 'utf8'), name);
  }
});

test('what the new format cannot hold is reported', async ({ dir }) => {
  const clicks: Tier = {
    kind: 'point',
    name: 'clicks',
    startSec: 0,
    endSec: 4,
    points: [{ timeSec: 1, text: 'x' }],
  };
  const file = addTextGrid(
    dir,
    'talk.TextGrid',
    ANNA,
    clicks,
    intervals('ben', [0, 1, ''], [1, 2.5, 'yes'], [2.5, 4, '']),
  );
  const to = path.join(dir, 'talk.srt');
  const { stdout, exitCode } = await runCli(['convert', file, to], ENV);
  assert.equal(exitCode, 0);
  assert.equal(
    stdout,
    `${file} -> ${to}\n  tier "clicks": its points (1) are not in srt\n  tiers of these names are not in srt: "anna", "ben"\n`,
  );
  const vtt = await runJson<Document>(['convert', file, path.join(dir, 'talk.vtt')], ENV);
  assert.deepEqual(vtt.document.files[0]?.losses, ['tier "clicks": its points (1) are not in vtt']);
  const csv = await runJson<Document>(['convert', file, path.join(dir, 'talk.csv')], ENV);
  assert.deepEqual(csv.document.files[0]?.losses, ['tier "clicks": its points (1) are not in csv']);
  const json = await runJson<Document>(['convert', file, path.join(dir, 'talk.json')], ENV);
  assert.deepEqual(json.document.files[0]?.losses, []);
});

test('a result gives its words and phones to formats of words', async ({ dir }) => {
  copyFileSync(REFERENCE, path.join(dir, 'talk.TextGrid'));
  await runCli(['convert', path.join(dir, 'talk.TextGrid'), path.join(dir, 'talk.csv')], ENV);
  const [, first = ''] = readFileSync(path.join(dir, 'talk.csv'), 'utf8').split('\r\n');
  assert.match(first, /^"talk","reader","\w+",1,"\w+","",\d/);
});

test('a result without words becomes a table without rows, and the loss is reported', async ({ dir }) => {
  const tiers = [intervals('anna - word', [0, 4, '']), intervals('anna - trans', [0, 4, 'so it was'])];
  const file = addTextGrid(dir, 'talk.TextGrid', ...tiers);
  const { stdout, exitCode } = await runCli(['convert', file, path.join(dir, 'talk.csv')], ENV);
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /^ {2}tiers of these names are not in csv: "anna - trans"\n {2}1 label became 0 in csv$/m,
  );
  assert.equal(readFileSync(path.join(dir, 'talk.csv'), 'utf8').split('\r\n').length, 2);
});

test("Praat's signs for characters stay in TextGrids, and are the characters elsewhere", async ({ dir }) => {
  const file = addTextGrid(dir, 'talk.TextGrid', intervals('anna', [0, 4, "c\\a't"]));
  await runCli(['convert', file, path.join(dir, 'short.TextGrid'), '--to', 'short'], ENV);
  await runCli(['convert', file, path.join(dir, 'talk.srt')], ENV);
  assert.match(readFileSync(path.join(dir, 'short.TextGrid'), 'utf8'), /"c\\a't"/);
  assert.match(readFileSync(path.join(dir, 'talk.srt'), 'utf8'), /^cát$/m);
});

test('a file that exists is replaced with --force only, and no half file is left', async ({ dir }) => {
  const file = addTextGrid(dir, 'talk.TextGrid', ANNA);
  const to = path.join(dir, 'talk.srt');
  writeFileSync(to, 'mine');
  const refused = await runCli(['convert', file, to], ENV);
  assert.equal(refused.exitCode, 2);
  assert.match(
    refused.stderr,
    /^E_USAGE {2}.*talk\.srt: it exists already; give another name, or --force to replace it\n$/,
  );
  assert.equal(readFileSync(to, 'utf8'), 'mine');
  writeFileSync(path.join(dir, 'bad.TextGrid'), 'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n');
  const bad = await runCli(['convert', path.join(dir, 'bad.TextGrid'), to, '--force'], ENV);
  assert.equal(bad.exitCode, 2);
  assert.match(bad.stderr, /^E_TEXTGRID_MALFORMED {2}.*bad\.TextGrid line 5/);
  assert.equal(readFileSync(to, 'utf8'), 'mine');
  await runCli(['convert', file, to, '--force'], ENV);
  assert.match(readFileSync(to, 'utf8'), /on the train/);
  assert.deepEqual(readdirSync(dir).sort(), ['bad.TextGrid', 'talk.TextGrid', 'talk.srt']);
});

test('a name in a folder that is not there is refused with the fix', async ({ dir }) => {
  const file = addTextGrid(dir, 'talk.TextGrid', ANNA);
  const { exitCode, stderr } = await runCli(['convert', file, path.join(dir, 'nowhere', 'talk.srt')], ENV);
  assert.equal(exitCode, 2);
  assert.match(
    stderr,
    /^E_USAGE {2}.*nowhere\/talk\.srt: its folder is not there; make it, or give another name\n$/,
  );
});

test('several files go into a folder, and the fault of one does not hinder the others', async ({ dir }) => {
  const names = ['a\nb.TextGrid', 'c.TextGrid'].map((name) => addTextGrid(dir, name, ANNA));
  const overlap = addTextGrid(dir, 'd.TextGrid', intervals('anna', [0, 2, 'one'], [2, 4, 'two']));
  writeFileSync(overlap, readFileSync(overlap, 'utf8').replace('xmin = 2', 'xmin = 1'));
  mkdirSync(path.join(dir, 'out'));
  const args = [
    'convert',
    ...names,
    overlap,
    path.join(dir, 'none.srt'),
    path.join(dir, 'out'),
    '--to',
    'vtt',
  ];
  const { exitCode, stdout, stderr } = await runCli(args, ENV);
  assert.equal(exitCode, 2);
  assert.match(stderr, /^E_TRANSCRIPT_OVERLAP {2}.*d\.TextGrid tier "anna" interval 2 \(1\.00 s\)/m);
  assert.match(stderr, /^E_USAGE {2}.*none\.srt: no such file$/m);
  assert.match(stdout, /2 of 4 files converted\n$/);
  assert.match(stdout, /a\\nb\.TextGrid -> /);
  assert.deepEqual(readdirSync(path.join(dir, 'out')).sort(), ['a\nb.vtt', 'c.vtt']);
});

test('a text without times is converted by the length of its recording, and refused without it', async ({
  dir,
}) => {
  const file = path.join(dir, 'talk.txt');
  writeFileSync(file, 'so it was\n');
  const to = path.join(dir, 'talk.vtt');
  const refused = await runCli(['convert', file, to], ENV);
  assert.equal(refused.exitCode, 2);
  assert.match(
    refused.stderr,
    /^E_TRANSCRIPT_TIME {2}.*talk\.txt: it has no times\. Put its recording beside it/,
  );
  writeFileSync(path.join(dir, 'talk.wav'), makeWav({ samples: sine(200, 16_000, 2) }));
  assert.equal((await runCli(['convert', file, to], ENV)).exitCode, 0);
  assert.match(readFileSync(to, 'utf8'), /00:00:00\.000 --> 00:00:02\.000\n<v speaker>so it was\n/);
});

test('a format that counts samples needs the recording, and one of many files is refused', async ({
  dir,
}) => {
  const file = addTextGrid(dir, 'talk.TextGrid', ANNA);
  const to = path.join(dir, 'talk.par');
  assert.match((await runCli(['convert', file, to], ENV)).stderr, /^E_AUDIO_MISSING {2}.*talk/);
  writeFileSync(path.join(dir, 'talk.wav'), makeWav({ samples: sine(200, 16_000, 4) }));
  assert.equal((await runCli(['convert', file, to], ENV)).exitCode, 0);
  assert.match(readFileSync(to, 'utf8'), /^ORT:\t1\ton the train$/m);
  assert.deepEqual(readdirSync(dir).sort(), ['talk.TextGrid', 'talk.par', 'talk.wav']);
});

test('a format of several files goes into a folder: each speaker as par, all transcripts as one EMU database', async ({
  dir,
}) => {
  const out = path.join(dir, 'out');
  mkdirSync(out);
  const both = ['one', 'two'].map((name) => {
    writeFileSync(path.join(dir, `${name}.wav`), makeWav({ samples: sine(200, 16_000, 4) }));
    return addTextGrid(dir, `${name}.TextGrid`, ANNA, intervals('ben', [0, 4, 'yes']));
  });
  const [one = ''] = both;
  const single = await runCli(['convert', one, path.join(dir, 'one.par')], ENV);
  assert.match(
    single.stderr,
    /^E_USAGE {2}.*one\.TextGrid: par makes 2 files of it, one for each speaker; give a folder that exists, and --to par$/m,
  );
  const par = await runCli(['convert', one, out, '--to', 'par'], ENV);
  assert.deepEqual(readdirSync(out).sort(), ['one_anna.par', 'one_ben.par']);
  assert.match(par.stdout, /one\.TextGrid -> .*one_anna\.par\n.*one\.TextGrid -> .*one_ben\.par\n/);

  const file = await runCli(['convert', one, path.join(dir, 'one.json'), '--to', 'emu'], ENV);
  assert.match(file.stderr, /expected a folder that exists, since emu is a folder of files$/m);
  assert.equal((await runCli(['convert', ...both, out, '--to', 'emu'], ENV)).exitCode, 0);
  const database = path.join(out, 'autophon_emuDB');
  assert.deepEqual(readdirSync(database).sort(), ['0000_ses', 'autophon_DBconfig.json']);
  assert.deepEqual(readdirSync(path.join(database, '0000_ses')).sort(), ['one_bndl', 'two_bndl']);
  const again = await runCli(['convert', ...both, out, '--to', 'emu'], ENV);
  assert.match(
    again.stderr,
    /^E_USAGE {2}.*autophon_emuDB: it exists already; give another name, or --force/m,
  );
  assert.equal((await runCli(['convert', ...both, out, '--to', 'emu', '--force'], ENV)).exitCode, 0);
});

test('transcripts that are not Unicode are read in the encoding that is given', async ({ dir }) => {
  const file = path.join(dir, 'talk.srt');
  writeFileSync(file, '1\n00:00:00,000 --> 00:00:01,000\ncaf\xe9\n', 'latin1');
  const to = path.join(dir, 'talk.vtt');
  const refused = await runCli(['convert', file, to], ENV);
  assert.match(refused.stderr, /^E_TEXT_ENCODING .*\n.*can be read with --encoding windows-1252\n$/);
  const given = await runCli(['convert', file, to, '--encoding', 'latin1'], ENV);
  assert.ok(!given.stderr.includes('--encoding'), given.stderr);
  assert.match(readFileSync(to, 'utf8'), /café/);
});

test('what is not clear from the command line is refused before anything is read', async ({ dir }) => {
  const file = addTextGrid(dir, 'talk.TextGrid', ANNA);
  mkdirSync(path.join(dir, 'other'));
  const same = addTextGrid(path.join(dir, 'other'), 'talk.TextGrid', ANNA);
  const cases: [args: string[], said: RegExp][] = [
    [[file], /expected transcripts, then a file or folder/],
    [
      [file, path.join(dir, 'talk.doc')],
      /no format that is written has the extension of "talk\.doc"; give --to\. Known: textgrid, /,
    ],
    [
      [file, path.join(dir, 'talk.srt'), '--to', 'vtt'],
      /--to vtt: expected the extension \.vtt, found "talk\.srt"/,
    ],
    [[file, path.join(dir, 'talk.srt'), '--to', 'srd'], /E_FORMAT_UNKNOWN.*did you mean srt\?/],
    [[file, path.join(dir, 'other')], /which format\? Give --to/],
    [[file, same, path.join(dir, 'talk.srt')], /talk\.srt: expected a folder that exists, for several files/],
    [
      [file, same, path.join(dir, 'other'), '--to', 'srt'],
      /would both become .*talk\.srt; convert them into two folders/,
    ],
    [
      [file, path.join(dir, 'talk.srt'), '--encoding', 'utf-7'],
      /--encoding utf-7: expected latin1 or windows-1252/,
    ],
    [
      [path.join(dir, 'other'), path.join(dir, 'talk.srt')],
      /other: expected a file, found a folder; name the files in it/,
    ],
  ];
  await Promise.all(
    cases.map(async ([args, said]) => {
      const { exitCode, stderr } = await runCli(['convert', ...args], ENV);
      assert.match(stderr, said);
      assert.equal(exitCode, 2);
    }),
  );
  assert.deepEqual(readdirSync(dir).sort(), ['other', 'talk.TextGrid']);
});

test('the columns of a table whose names are not known are given by name or letter', async ({ dir }) => {
  const table = path.join(dir, 'talk.csv');
  writeFileSync(table, 'Anfang;Schluss;Wortlaut\n0,5;1,5;so\n');
  const to = path.join(dir, 'new.csv');
  const { stdout, exitCode } = await runCli(
    ['convert', table, to, '--columns', 'begin=A,end=Schluss,text=C'],
    ENV,
  );
  assert.equal(exitCode, 0, stdout);
  assert.match(readFileSync(to, 'utf8'), /"so",.*,0\.5,1\.5,/);
  const refused = await runCli(['convert', table, to, '--columns', 'begin'], ENV);
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /^E_COLUMNS {2}the columns of tables: expected/);
});

test.run();
