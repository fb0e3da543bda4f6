import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findTierFaults } from '../../../src/formats/check-tiers.ts';
import { TABLE } from '../../../src/formats/table/format.ts';
import { shown } from '../../support/finding.ts';
import { readAs, told } from '../transcripts.ts';
import { faultsIn, recordingsOf, tiersOf } from './read-table.ts';

test('one table describes many recordings, in any order of rows', () => {
  const found = recordingsOf(
    'file,speaker,begin,end,text\nb.wav,Ben,1,2,it\na,Anna,0,1,so\nb.wav,Ben,0,1,was\nb.wav,Anna,0.5,2,late\n',
  );
  assert.deepEqual(found, {
    '2 b.wav': { Ben: ['0-1 was', '1-2 it'], Anna: ['0.5-2 late'] },
    '3 a': { Anna: ['0-1 so'] },
  });
});

test('rows without times are the text of the whole recording, line by line', () => {
  const found = recordingsOf('audio,sentence\na.wav,so it was\nb.wav,late\na.wav,the night\n');
  assert.deepEqual(found, {
    '2 a.wav': { speaker: ['0-10 so it was\nthe night'] },
    '3 b.wav': { speaker: ['0-10 late'] },
  });
  assert.deepEqual(recordingsOf('a.wav\tso\nb.wav\tit\n'), {
    '1 a.wav': { speaker: ['0-10 so'] },
    '2 b.wav': { speaker: ['0-10 it'] },
  });
  const [tier] = readAs(TABLE, 'talk.csv', 'text,speaker\nso,Anna\n\nit,Anna\n').transcript.tiers;
  assert.ok(tier?.kind === 'interval' && tier.name === 'Anna');
  assert.deepEqual(tier.intervals[0]?.lines, [
    { text: 'so', line: 2 },
    { text: 'it', line: 4 },
  ]);
});

test('several speakers without times are a question', () => {
  assert.match(
    faultsIn('speaker,text\nAnna,so\nBen,it\n')[0] ?? '',
    /^E_TRANSCRIPT_MALFORMED talk\.csv line 2: expected times where a recording has several speakers/,
  );
});

test('a table of many recordings needs a column of recordings, and a name in each row', () => {
  assert.throws(
    () => recordingsOf('begin,end,text\n0,1,so\n'),
    /expected a column of recordings, such as "file"/,
  );
  assert.throws(
    () => recordingsOf('file,begin,end,text\na,0,1,so\n,1,2,it\n'),
    /all\.csv line 3 column 1: expected the name of a recording, found an empty cell/,
  );
});

test('a table with the name of its recording may name it too, but no other', () => {
  for (const name of ['talk', 'TALK.WAV', 'C:\\rec\\talk.wav', 'x/talk.TextGrid'])
    assert.deepEqual(tiersOf(`file,begin,end,text\n${name},0,1,so\n`), { speaker: ['0-1 so'] }, name);
  assert.match(
    faultsIn('file,begin,end,text\ntalk,0,1,so\nb,0,1,it\n')[0] ?? '',
    /line 3: .* found "b"; give a table/,
  );
  assert.match(
    faultsIn('file,begin,end,text\ntalk,0,1,so\ntalk.wav,0,1,it\n')[0] ?? '',
    /line 3: .*write it the same way in all rows/,
  );
});

test('without ends each row lasts up to the next of any speaker, and the last to the end of the recording', () => {
  assert.deepEqual(tiersOf('speaker,start,text\nA,0,so\nB,2,it\nA,4.5,was\n'), {
    A: ['0-2 so', '4.5-10 was'],
    B: ['2-4.5 it'],
  });
});

test('a start that is not a number of seconds is a fault, also in a table without ends', () => {
  assert.match(faultsIn('begin,text\n1e999,so\n0,it\n')[0] ?? '', /line 2 column 1: expected a time/);
});

test('a duration in place of the end is added without an error of rounding', () => {
  assert.deepEqual(tiersOf('start,duration,text\n0.1,0.2,so\n0.3,0.3,it\n'), {
    speaker: ['0.1-0.3 so', '0.3-0.6 it'],
  });
});

test('one name of a tier for several speakers is kept apart', () => {
  assert.deepEqual(Object.keys(tiersOf('tier,speaker,begin,end,text\nu,A,0,1,so\nu,B,0,1,it\nv,A,0,1,x\n')), [
    'A - u',
    'B - u',
    'v',
  ]);
});

test("Whisper's table is known by its names, and its whole numbers are milliseconds", () => {
  const rows = 'start\tend\ttext\n0\t2480\tSo it was.\n2480\t12000\tThe train\n';
  const expected = { speaker: ['0-2.48 So it was.', '2.48-12 The train'] };
  for (const audioSec of [11.5, null]) {
    const { transcript, warnings } = readAs(TABLE, 'talk.tsv', rows, { audioSec });
    assert.deepEqual(told(transcript), expected);
    assert.deepEqual(warnings, [
      'W_TRANSCRIPT_READ talk.tsv line 2: times are whole numbers under the names of Whisper: they are read as milliseconds',
    ]);
  }
});

test('under the same names seconds stay seconds', () => {
  for (const [rows, audioSec] of [
    ['0\t2\tso\n2\t4\tit\n', null],
    ['0\t2\tso\n2\t4\tit\n', 10],
    ['0\t2.5\tso\n2.5\t400\tit\n', null],
  ] as const) {
    const { warnings } = readAs(TABLE, 'talk.tsv', `start\tend\ttext\n${rows}`, { audioSec });
    assert.deepEqual(warnings, []);
  }
});

test('whole numbers past the end of the recording that fit as milliseconds are a question', () => {
  assert.match(
    faultsIn('begin,end,text\n1500,2500,so\n')[0] ?? '',
    /found 2500; if these are milliseconds, name the columns begin_ms and end_ms$/,
  );
  assert.deepEqual(tiersOf('begin,end,text\n1500,12000,so\n'), { speaker: ['1500-12000 so'] });
});

test('overlaps and impossible times are reported with the row', () => {
  const { transcript } = readAs(
    TABLE,
    'talk.csv',
    'begin,end,text\n3,4,late\n0,2,so\n1,3,it\n5,4,x\n-1,0,y\n',
  );
  const [tier] = transcript.tiers;
  assert.ok(tier?.kind === 'interval');
  const faults = findTierFaults(tier, { file: 'talk.csv', audioDurationSec: 10 });
  assert.deepEqual(
    faults.map((one) => `${one.code} ${shown(one)}`.split(': ')[0]),
    [
      'E_TRANSCRIPT_TIME talk.csv line 6 (-1.00 s)',
      'E_TRANSCRIPT_OVERLAP talk.csv line 4 (1.00 s)',
      'E_TRANSCRIPT_TIME talk.csv line 5 (5.00 s)',
    ],
  );
});

test('a million cells are read in pieces', () => {
  const rows = Array.from(
    { length: 50_000 },
    (_, index) => `r${index},s${index},${index % 9},${(index % 9) + 1},so`,
  );
  const bytes = Buffer.from(['file,speaker,begin,end,text', ...rows].join('\n'));
  const reading = TABLE.readTable?.(bytes, 'all.csv', { legacyEncoding: null, warn: () => undefined });
  assert.ok(reading);
  let pieces = 0;
  while (reading.next().done !== true) pieces += 1;
  assert.ok(pieces > 50, String(pieces));
  const many = ['tier,speaker,begin,end,text', ...rows.map((row) => row.replace(/^r\d+/, 't'))].join('\n');
  const { tiers } = readAs(TABLE, 'talk.csv', many).transcript;
  assert.equal(tiers.length, 50_000);
});

test.run();
