import assert from 'node:assert/strict';
import { test } from 'uvu';
import { TABLE } from '../../../src/formats/table/format.ts';
import { readAs, spoken } from '../transcripts.ts';
import { faultsIn, tiersOf, warningsOf } from './read-table.ts';

const SO = { speaker: ['0.5-1.25 so', '1.25-2 it was'] };

test('cells are separated by commas, semicolons, TABs or bars, whatever the extension', () => {
  for (const separator of [',', ';', '\t', '|']) {
    const table = `begin${separator}end${separator}text\n0.5${separator}1.25${separator}so\n1.25${separator}2${separator}it was\n`;
    for (const file of ['talk.csv', 'talk.TSV']) assert.deepEqual(tiersOf(table, { file }), SO, separator);
  }
});

test('the first line may say the character between cells', () => {
  assert.deepEqual(tiersOf('sep=;\r\nbegin;end;text\r\n0,5;1,25;so\r\n1,25;2;it was\r\n'), SO);
  assert.deepEqual(tiersOf('sep=\t\nbegin\tend\ttext\n0.5\t1.25\tso\n1.25\t2\tit was'), SO);
  assert.match(faultsIn('sep=;\nbegin;end;text\n0;x;so\n')[0] ?? '', /talk\.csv line 3 column 2:/);
});

test('times with frames are refused with what to do', () => {
  assert.match(
    faultsIn('begin,end,text\n00:00:01:12,2,so\n')[0] ?? '',
    /line 2 column 1: expected a time .*found "00:00:01:12", with frames; export the table again with milliseconds/,
  );
});

test('lines end with LF, CR LF, CR or CR CR LF, and blank ones are passed over', () => {
  const lines = ['', 'begin,end,text', '', '0.5,1.25,so', ',,', '1.25,2,it was', '  '];
  for (const lineEnd of ['\n', '\r\n', '\r', '\r\r\n']) {
    assert.deepEqual(tiersOf(lines.join(lineEnd)), SO);
    assert.match(faultsIn([...lines, 'x,2,y'].join(lineEnd))[0] ?? '', /line 8 column 1/);
  }
});

test('CR CR LF after a cell in quotes ends its line', () => {
  assert.deepEqual(tiersOf('begin,end,text\r\r\n0.5,1.25,"so"\r\r\n1.25,2,"it was"\r\r\n'), SO);
});

test('a cell in quotes holds separators, line ends and quotes', () => {
  const table =
    'begin,end,text\r\n0,1,"so, ""it""\r\nwas"\r\n1,2,"a ""b"" c"\r\n2, 3, "x, y" \r\n3,4,"",\r\nx,4,z\r\n';
  const [fault] = faultsIn(table);
  assert.match(fault ?? '', /line 7 column 1/);
  assert.deepEqual(tiersOf(table.replace('\r\nx,4,z', '')), {
    speaker: ['0-1 so, "it"\r\nwas', '1-2 a "b" c', '2-3 x, y', '3-4 '],
  });
});

test('a quote within a cell stands for itself, and between TABs one at its beginning does, too', () => {
  assert.deepEqual(tiersOf('begin,end,text\n0,1,so "it" was\n'), { speaker: ['0-1 so "it" was'] });
  const elan = 'begin\tend\ttext\n0\t1\t"so" it\n1\t2\t"was\n2\t3\tlate"\n3\t4\t"a ""b"""\n4\t5\t"c\nd"\n';
  assert.deepEqual(tiersOf(elan), {
    speaker: ['0-1 "so" it', '1-2 "was', '2-3 late"', '3-4 a "b"', '4-5 c\nd'],
  });
});

test('a quote without a partner between commas is a fault where its cell begins', () => {
  assert.deepEqual(faultsIn('begin,end,text\n0,1,so\n1,2,"it was\n2,3,late\n'), [
    'E_TRANSCRIPT_MALFORMED talk.csv line 3 column 3: expected a quote and then the end of the cell that begins with "\\"it was\\n2,3,late", found none; write each quote within a cell twice, and one before and after the cell',
  ]);
  assert.match(faultsIn('begin,end,text\n0,1,"so" it\n')[0] ?? '', /line 2 column 3: .* found "\\" it"/);
});

test('more cells than columns are a fault, since a text was cut at a comma', () => {
  assert.deepEqual(faultsIn('begin,end,text\n0,1,so, it\n1,2,was,,\n'), [
    'E_TRANSCRIPT_MALFORMED talk.csv line 2 column 4: expected 3 cells as in the first row, found 4; put quotes around a text that contains the character between cells',
  ]);
});

test('what looks like a number or a missing value is text in a column of text', () => {
  const words = ['NA', 'null', '5', '0045', '1e5', 'TRUE', '=x', '-', '1,5'];
  const rows = words.map((word, index) => `${index};${index + 1};${word}`);
  const { transcript } = readAs(TABLE, 'talk.csv', ['begin;end;text', ...rows].join('\n'));
  assert.deepEqual(spoken(transcript), words);
});

/** These letters have the same bytes in Windows-1252 and Latin-1. */
const legacy = (text: string) => Buffer.from(text, 'latin1');
const utf8 = (text: string) => Buffer.from(`\uFEFF${text}`);
const unicodeText = (text: string) =>
  Buffer.from(`\uFEFF${text.replaceAll(';', '\t').replaceAll(',', '.')}`, 'utf16le');

test('what Excel saves in German, French, Portuguese and Turkish is read: semicolons and decimal commas', () => {
  for (const text of ['für größere', "l'été où", 'não é', 'ığşçö İ']) {
    const table = `begin;end;text\r\n0,5;1,25;${text}\r\n`;
    const expected = { speaker: [`0.5-1.25 ${text}`] };
    assert.deepEqual(tiersOf(utf8(table)), expected);
    assert.deepEqual(tiersOf(unicodeText(table)), expected);
  }
});

test('what Excel saves in English and Japanese is read: commas and decimal points', () => {
  for (const text of ['so it was', '今日は、雨']) {
    const table = `begin,end,text\r\n0.5,1.25,${text}\r\n`;
    assert.deepEqual(tiersOf(utf8(table)), { speaker: [`0.5-1.25 ${text}`] });
  }
});

test("Excel's old CSV is read by the older encoding of the language, with a warning, or refused", () => {
  const table = legacy('begin;end;text\r\n0,5;1,25;für größere\r\n');
  assert.deepEqual(tiersOf(table, { legacyEncoding: 'windows-1252' }), { speaker: ['0.5-1.25 für größere'] });
  assert.match(
    warningsOf(table, { legacyEncoding: 'windows-1252' })[0] ?? '',
    /^W_TEXT_ENCODING talk\.csv line 2/,
  );
  assert.match(faultsIn(table)[0] ?? '', /^E_TEXT_ENCODING talk\.csv line 2: .*byte 0xfc/);
  // Japanese in code page 932.
  const japanese = Buffer.concat([
    legacy('begin,end,text\r\n0.5,1.25,'),
    Buffer.from([0x8d, 0xa1, 0x93, 0xfa]),
  ]);
  assert.match(faultsIn(japanese)[0] ?? '', /^E_TEXT_ENCODING talk\.csv line 2: /);
});

test('a file of another kind is named', () => {
  assert.match(
    faultsIn('PK\x03\x04 xl/workbook.xml')[0] ?? '',
    /expected a table of text .*, found an Excel table/,
  );
});

test.run();
