import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TABLE } from '../../../src/formats/table/format.ts';
import { readAs } from '../transcripts.ts';
import { faultsIn, recordingsOf, tiersOf, warningsOf } from './read-table.ts';

test('columns are found by name in any order, in capitals or not, with blanks, signs or humps between words', () => {
  const tables = [
    'Text,END,Begin',
    'utterance,end_time,start_time',
    'Transcription,EndTime,StartTime',
    'label,tmax,tmin',
    'annotation,stop,onset',
    'sentence,offset,onset',
  ];
  for (const header of tables)
    assert.deepEqual(tiersOf(`${header}\nso,1.5,0.5\n`), { speaker: ['0.5-1.5 so'] }, header);
});

test('In and Out are times only as a pair, and beside other times they are not read', () => {
  for (const header of [
    'In,Out,Text',
    'Time In,Time Out,Text',
    'TC_in,TC_out,Text',
    'TimecodeIn,TimecodeOut,Text',
  ])
    assert.deepEqual(tiersOf(`${header}\n0.5,0:01.5,so\n`), { speaker: ['0.5-1.5 so'] }, header);
  assert.deepEqual(tiersOf('In (ms),Out (ms),Text\n500,1500,so\n'), { speaker: ['0.5-1.5 so'] });
  assert.deepEqual(tiersOf('In,Text\nx,so\n'), { speaker: ['0-10 so'] });
  assert.deepEqual(tiersOf('In,Out,Begin,End,Text\nx,y,0.5,1.5,so\n'), { speaker: ['0.5-1.5 so'] });
  assert.deepEqual(tiersOf('0,1,in\n1,2,out\n'), { speaker: ['0-1 in', '1-2 out'] });
});

test("Transcript beside Text names the recording, as in LaBB-CAT's exports, unless another column does", () => {
  const table = 'Transcript,Participant,Start,End,Text\ntalk.eaf,Anna,0.5,1.5,so\n';
  assert.deepEqual(tiersOf(table), { Anna: ['0.5-1.5 so'] });
  assert.deepEqual(recordingsOf(table), { '2 talk.eaf': { Anna: ['0.5-1.5 so'] } });
  assert.deepEqual(tiersOf('Transcript,Start,End\nso,0.5,1.5\n'), { speaker: ['0.5-1.5 so'] });
  assert.match(faultsIn('File,Transcript,Text\ntalk,so,it\n')[0] ?? '', /expected one column for text/);
});

test('a unit in the header counts', () => {
  const tables = [
    ['begin_ms,end_ms,text', '500,1500,so'],
    ['Begin (ms),End [msec],text', '500,1500,so'],
    ['startMs,endMs,text', '500,1500,so'],
    ['Begin Time - msec,End Time - ss.msec,text', '500,1.5,so'],
    ['begin (s),end in seconds,text', '0.5,1.5,so'],
    ['begin hh:mm:ss.ms,end - hh:mm:ss,text', '00:00:00.500,0:00:01.5,so'],
  ] as const;
  for (const [header, row] of tables)
    assert.deepEqual(tiersOf(`${header}\n${row}\n`), { speaker: ['0.5-1.5 so'] }, header);
});

test('a table has at most as many columns as a sheet of Excel', () => {
  const withMore = (count: number) => `begin,end,text${',x'.repeat(count)}\n0,1,so\n`;
  assert.deepEqual(tiersOf(withMore(16_381)), { speaker: ['0-1 so'] });
  assert.deepEqual(faultsIn(withMore(16_382)), [
    'E_TRANSCRIPT_MALFORMED talk.csv line 1: expected at most 16384 columns, found 16385; save the table with only those that are needed',
  ]);
});

test('a word that only objects of the program have is no unit', () => {
  assert.match(
    faultsIn('begin constructor,end,text\n0,1,so\n').join(),
    /expected a column "begin" beside "end", found none/,
  );
});

test('times are seconds, with a decimal point or comma, or hh:mm:ss', () => {
  const times: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['.5', 0.5],
    ['0,25', 0.25],
    ['1.5e-05', 0.000015],
    ['12', 12],
    ['0:01.5', 1.5],
    ['1:02', 62],
    ['90:00', 5400],
    ['01:00:02,345', 3602.345],
    ['0:00:12.345', 12.345],
  ];
  for (const [shown, sec] of times)
    assert.deepEqual(tiersOf(`begin;end;text\n${shown};9000.5;so\n`), { speaker: [`${sec}-9000.5 so`] });
});

test('a cell that is not a time is a fault with its row, cell and column', () => {
  for (const shown of [
    'x',
    'NA',
    '1:60',
    '1:60:00',
    '1.234,5',
    '1,234.5',
    '0x10',
    '1e999',
    'Infinity',
    '1:2:3:4',
    '١',
  ])
    assert.match(
      faultsIn(`begin;end;text\n${shown};2;so\n`)[0] ?? '',
      /^E_TRANSCRIPT_MALFORMED talk\.csv line 2 column 1: expected a time .* under "begin", found "/,
      shown,
    );
  assert.equal(faultsIn(`begin,end,text\n${'x,,so\n'.repeat(80)}`).length, 100);
});

test("ELAN's columns are read, the most exact of the times", () => {
  const table =
    'Tier\tParticipant\tBegin Time - hh:mm:ss.ms\tBegin Time - ss.msec\tBegin Time - msec\tEnd Time - msec\tDuration - msec\tAnnotation\n' +
    'a\tAnna\t00:00:00.500\t0.5\t500\t1500\t1000\tso\n' +
    'b\tBen\t00:00:01.000\t1.0\t1000\t2000\t1000\tit\n';
  assert.deepEqual(tiersOf(table), { a: ['0.5-1.5 so'], b: ['1-2 it'] });
  assert.deepEqual(warningsOf(table), []);
});

test("MFA's table becomes tiers of words and phones", () => {
  const table =
    'Begin,End,Label,Type,Speaker\n0,0.5,so,words,Anna\n0,0.2,s,phones,Anna\n0.2,0.5,ow,phones,Anna\n';
  assert.deepEqual(tiersOf(table), {
    'Anna - words': ['0-0.5 so'],
    'Anna - phones': ['0-0.2 s', '0.2-0.5 ow'],
  });
  assert.deepEqual(tiersOf(table.replaceAll('Anna', '')), {
    words: ['0-0.5 so'],
    phones: ['0-0.2 s', '0.2-0.5 ow'],
  });
});

test('our own table of phones becomes tiers of words and phones', () => {
  const table =
    '"file","speaker","word","word_number","phone","ipa","begin","end","quality"\r\n' +
    '"talk","Anna","so",1,"S","s",0.1,0.2,"ok"\r\n"talk","Anna","so",1,"OW","oʊ",0.2,0.4,"ok"\r\n' +
    '"talk","Anna","so",2,"S","s",0.4,0.5,"ok"\r\n';
  assert.deepEqual(tiersOf(table), {
    'Anna - word': ['0.1-0.4 so', '0.4-0.5 so'],
    'Anna - phone': ['0.1-0.2 S', '0.2-0.4 OW', '0.4-0.5 S'],
  });
});

test('of our own table of phones, only what is there and in no tier is named as lost, and nothing as not read', () => {
  const table = (ipa: string, quality: string) =>
    '"file","speaker","word","word_number","phone","ipa","begin","end","quality"\r\n' +
    `"talk","Anna","so",1,"s","${ipa}",0.1,0.2,"${quality}"\r\n`;
  for (const [ipa, quality, beside] of [
    ['s', 'ok', []],
    ['', '', []],
    ['z', 'ok', ['IPA']],
    ['z', 'doubtful', ['IPA', 'marks of doubtful phones']],
  ] as const) {
    const { transcript, warnings } = readAs(TABLE, 'talk.csv', table(ipa, quality));
    assert.deepEqual([transcript.besideTiers, warnings], [beside, []]);
  }
  assert.deepEqual(warningsOf('begin,end,text,ipa\n0,1,so,x\n').length, 1);
});

test("Praat's table of a TextGrid keeps tiers of points", () => {
  const table = 'tmin\ttier\ttext\ttmax\n0.1\tw\tso\t0.5\n0.2\tp\tH*\t0.2\n0.6\tw\tit\t0.7\n';
  assert.deepEqual(tiersOf(table), { w: ['0.1-0.5 so', '0.6-0.7 it'], p: ['0.2 H*'] });
});

test('a table without names of columns is read if its times stand before its text, and at most two names before them', () => {
  assert.deepEqual(tiersOf('0,5;1,5;so\n2;3;5\n'), { speaker: ['0.5-1.5 so', '2-3 5'] });
  assert.deepEqual(tiersOf('Anna\t0.5\t1.5\tso\n'), { Anna: ['0.5-1.5 so'] });
  assert.deepEqual(tiersOf('1,Anna,0.5,1.5,so\n'), { Anna: ['0.5-1.5 so'] });
  assert.deepEqual(tiersOf('Anna,A. B.,0.5,1.5,so\nBen,,2,3,it\n'), {
    Anna: ['0.5-1.5 so'],
    Ben: ['2-3 it'],
  });
  assert.deepEqual(recordingsOf('talk.wav,Anna,0.5,1.5,so\n'), { '1 talk.wav': { Anna: ['0.5-1.5 so'] } });
});

test('in a table without names a duration after begin and end is recognised, since it is their difference', () => {
  assert.deepEqual(tiersOf('0.5,1.5,1,so\n1.5,3.25,1.75,it\n'), { speaker: ['0.5-1.5 so', '1.5-3.25 it'] });
  assert.deepEqual(tiersOf('Anna\t60.35\t62.16\t1.81\tso\n'), { Anna: ['60.35-62.16 so'] });
  assert.deepEqual(tiersOf('"Anna"\t"A."\t"0:00:01.5"\t"0:00:02"\t"0:00:00.5"\t"so, ""it"""\n'), {
    Anna: ['1.5-2 so, "it"'],
  });
  assert.deepEqual(tiersOf('3,0.5,1.5,so\n'), { 3: ['0.5-1.5 so'] });
});

test('columns that are not read are named', () => {
  assert.deepEqual(warningsOf('id,begin,end,text,notes\n1,0,1,so,x\n'), [
    'W_TRANSCRIPT_READ talk.csv line 1: columns that are not read: "id", "notes"; columns that are read: "begin" (begin), "end" (end), "text" (text)',
  ]);
});

test('a table that can be read in two ways is a question', () => {
  const HOW =
    'name the columns in the first row, such as file, speaker, begin, end, text, or say which they are with --columns';
  const cases: readonly (readonly [table: string, fault: string])[] = [
    [
      'begin,start,end,text',
      'line 1 column 2: expected one column for begin, found "begin" and "start"; rename or remove the one that is not meant',
    ],
    [
      'begin,end,text,text',
      'line 1 column 4: expected one column for text, found "text" and "text"; rename or remove the one that is not meant',
    ],
    [
      'begin,end,word,phone',
      'line 1 column 4: expected one column of text, found "word" and "phone"; rename the right one to "text"',
    ],
    [
      'start,offset,text',
      'line 1 column 2: expected "end" or "duration", found "offset", which may be either; rename the column',
    ],
    ['end,text', `line 1: expected a column "begin" beside "end", found none; ${HOW}`],
    [
      'begin (frames),end,text',
      'line 1 column 1: expected times in seconds, milliseconds or hh:mm:ss.mmm, found "begin (frames)"; write the times in one of these units',
    ],
    [
      'name,age',
      `line 1: expected a column "text", and "begin" and "end" or "file" beside it, found "name", "age"; ${HOW}`,
    ],
    [
      '1,2',
      `line 1: expected a column "text", and "begin" and "end" or "file" beside it, found "1", "2"; ${HOW}`,
    ],
  ];
  for (const [table, fault] of cases)
    assert.deepEqual(faultsIn(`${table}\n0,1,so,x\n`), [`E_TRANSCRIPT_MALFORMED talk.csv ${fault}`]);
});

test('an empty table, or one with names alone, is a fault', () => {
  assert.match(faultsIn('')[0] ?? '', /found an empty table/);
  assert.match(faultsIn('begin,end,text\n,,\n')[0] ?? '', /found no rows below the names/);
});

test.run();
