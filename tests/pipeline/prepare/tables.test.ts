import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { TaskError } from '../../../src/base/errors.ts';
import type { InPieces } from '../../../src/base/pieces.ts';
import type { Table } from '../../../src/formats/transcript.ts';
import type { InputRecording } from '../../../src/pipeline/prepare/pairs.ts';
import { readTables } from '../../../src/pipeline/prepare/tables.ts';
import { shown } from '../../support/finding.ts';

const test = suite<{ dir: string }>('tables that describe many recordings');

test.before.each((context) => {
  context.dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-tables-'));
});
test.after.each(({ dir }) => rmSync(dir, { recursive: true, force: true }));

/**
 * Replaces a reader: each line of a table is the name of a recording. `broken` is a finding, `notes` is not a table.
 */
function* readNames(bytes: Uint8Array, file: string): InPieces<Table | null> {
  const names = Buffer.from(bytes).toString().split('\n');
  if (names[0] === 'notes') return null;
  if (names[0] === 'broken')
    throw new TaskError('E_TRANSCRIPT_MALFORMED', 'no column', { place: { file, line: 1 } });
  yield;
  return names.map((recording, index) => ({
    recording,
    line: index + 1,
    toTranscript: function* () {
      yield;
      return { startSec: 0, endSec: 1, tiers: [] };
    },
  }));
}

/** @param audio - with `+` after its name if it has its own transcript */
async function read(dir: string, audio: readonly string[], tables: Readonly<Record<string, string>>) {
  let readings = 0;
  const recordings = audio.map((given): InputRecording => {
    const relative = given.replace('+', '');
    const file = { relative, path: path.join(dir, relative) };
    return {
      name: relative.replace(/\.\w+$/, ''),
      audio: file,
      transcript: given.endsWith('+') ? file : null,
    };
  });
  const files = Object.entries(tables).map(([relative, content]) => {
    const file = { relative, path: path.join(dir, relative.replaceAll('/', '-')) };
    writeFileSync(file.path, content);
    return file;
  });
  const place = { scratchDir: dir, logPath: '', timeoutSec: 1, signal: new AbortController().signal };
  const options = { resources: { language: {} }, dir, uploadsDir: dir, place };
  const report = await readTables({ recordings, tables: files }, options as never, (...given) => {
    readings += 1;
    return readNames(given[0], given[1]);
  });
  return {
    report,
    readings,
    found: [...report.rows].map(([{ name }, { recording, line }]) => `${name}: ${recording} in ${line}`),
    told: [...report.faults, ...report.warnings].map((one) => `${one.code} ${shown(one)}`),
  };
}

test('a table names recordings with or without extension, folders and capitals, or as another computer has them', async ({
  dir,
}) => {
  const audio = ['talk.wav', 'day 1/b.mp3', 'c.WAV', 'cafe\u0301.wav', 'e.wav', 'f.wav'];
  const table = ['TALK', 'day 1/b.mp3', 'c.wav', 'caf\u00e9', 'C:\\data\\e.wav', '/home/ann/rec/f'].join(
    '\n',
  );
  const { found, told, readings } = await read(dir, audio, { 'all.csv': table });
  assert.deepEqual(found, [
    'talk: TALK in 1',
    'day 1/b: day 1/b.mp3 in 2',
    'c: c.wav in 3',
    'cafe\u0301: caf\u00e9 in 4',
    'e: C:\\data\\e.wav in 5',
    'f: /home/ann/rec/f in 6',
  ]);
  assert.deepEqual([told, readings], [[], 1]);
});

test('of recordings with one name, the one in the named folder is used, or the one beside the table', async ({
  dir,
}) => {
  const audio = ['a/talk.wav', 'b/talk.wav'];
  const named = await read(dir, audio, { 'all.csv': 'b/talk\na/talk.wav' });
  assert.deepEqual(named.found, ['b/talk: b/talk in 1', 'a/talk: a/talk.wav in 2']);
  const beside = await read(dir, audio, { 'a/t.csv': 'talk', 'b/t.csv': 'talk' });
  assert.deepEqual(beside.found, ['a/talk: talk in 1', 'b/talk: talk in 1']);
  const elsewhere = await read(dir, ['wav/talk.wav'], { 'text/t.csv': 'talk' });
  assert.deepEqual(elsewhere.found, ['wav/talk: talk in 1']);
  assert.deepEqual([named.told, beside.told, elsewhere.told], [[], [], []]);
});

test('a name that fits two recordings is a question, reported once', async ({ dir }) => {
  const { found, told } = await read(dir, ['a/talk.wav', 'b/talk.wav'], { 'all.csv': 'talk' });
  assert.deepEqual(found, []);
  assert.deepEqual(told, [
    'E_PAIR_UNCLEAR all.csv line 1: "talk" may be a/talk.wav or b/talk.wav; write its folder too, as in "a/talk.wav"',
  ]);
});

test('a recording that is named in two ways, or in two tables, is a question', async ({ dir }) => {
  assert.deepEqual((await read(dir, ['talk.wav'], { 'all.csv': 'talk\ntalk.wav' })).told, [
    'E_PAIR_UNCLEAR all.csv line 2: this recording is named in two ways, as "talk" in line 1 and as "talk.wav"; write one of them',
  ]);
  assert.deepEqual((await read(dir, ['talk.wav'], { 'a.csv': 'talk', 'b.csv': '\ntalk' })).told.slice(0, 1), [
    'E_PAIR_UNCLEAR b.csv line 2: a.csv describes talk.wav too: expected one table for a recording; remove its rows from one of them',
  ]);
});

test('rows without a recording, and rows of recordings with their own transcript, are reported with their line', async ({
  dir,
}) => {
  const { found, told } = await read(dir, ['a.wav', 'b.wav+'], { 'all.csv': 'a\nx.wav\nb\ny' });
  assert.deepEqual(found, ['a: a in 1']);
  assert.deepEqual(told, [
    'W_ROWS_IGNORED all.csv line 2: rows with these names are not used, since no recording of the task has such a name: "x.wav", "y"',
    'W_ROWS_IGNORED all.csv line 3: rows with these names are not used, since these recordings have transcripts of their own: "b"',
  ]);
  const names = Array.from({ length: 500 }, (_, index) => `x${index}`);
  const many = await read(dir, ['a.wav'], { 'all.csv': ['a', ...names].join('\n') });
  assert.match(many.told[0] ?? '', /"x9" and 490 more$/);
});

test('a misspelt name in a table is reported with the recording that was probably meant', async ({ dir }) => {
  const audio = ['anna_01.wav', 'anna_02.wav', 'day 1/Ben 03.wav'];
  const { told } = await read(dir, audio, {
    'all.csv': 'anna_01\nanna_02\nBen 03\nanna-01.wav\nana_02\nanna_07.wav\nC:\\rec\\ben_03.mp3\nzoe',
  });
  assert.deepEqual(told, [
    'W_ROWS_IGNORED all.csv line 4: rows with these names are not used, since no recording of the task has such a name: ' +
      '"anna-01.wav" (did you mean anna_01.wav?), "ana_02" (did you mean anna_02.wav?), "anna_07.wav", ' +
      '"C:\\rec\\ben_03.mp3" (did you mean day 1/Ben 03.wav?), "zoe"',
  ]);
});

test('a recording that no table names has no transcript', async ({ dir }) => {
  const { told } = await read(dir, ['a.wav', 'b.wav'], { 'all.csv': 'a' });
  assert.equal(told.length, 1);
  assert.match(
    told[0] ?? '',
    /^E_TRANSCRIPT_MISSING b\.wav: no transcript, and no table names it; expected b\.TextGrid/,
  );
});

test('the faults of a table are reported where a transcript is missing; otherwise it is another file', async ({
  dir,
}) => {
  const both = await read(dir, ['a.wav'], { 'all.csv': 'a', 'people.csv': 'broken', 'notes.txt': 'notes' });
  assert.deepEqual(both.told, [
    'W_FILE_IGNORED people.csv: not used, since no recording has its name, nor can it be read as a table: no column',
    'W_FILE_IGNORED notes.txt: not used, since no recording has its name',
  ]);
  const { told } = await read(dir, ['a.wav'], { 'all.csv': 'broken', 'notes.txt': 'notes' });
  assert.deepEqual(
    told.map((one) => one.split(':')[0]),
    ['E_TRANSCRIPT_MALFORMED all.csv line 1', 'E_TRANSCRIPT_MISSING a.wav', 'W_FILE_IGNORED notes.txt'],
  );
});

test('ten thousand recordings of one table are found in one pass', async ({ dir }) => {
  const audio = Array.from({ length: 10_000 }, (_, index) => `session ${index}/audio.wav`);
  const { report, readings } = await read(dir, audio, { 'all.csv': audio.join('\n') });
  assert.deepEqual([report.rows.size, report.faults, readings], [10_000, [], 1]);
  const files = new Set([...report.rows.values()].map(({ file }) => file));
  assert.equal(files.size, 1);
});

test.run();
