import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { TEXT } from '../../../src/formats/text/format.ts';
import { readAs, told } from '../transcripts.ts';

const test = suite('tables that are called .txt');
const HEAD = 'speaker\tbegin\tend\ttext\r\n';
const ELAN = 'Tier\tBegin Time - ss.msec\tEnd Time - ss.msec\tAnnotation\n';

const tiersOf = (content: string | Uint8Array, columns = '') =>
  told(readAs(TEXT, 'talk.txt', content, { columns }).transcript);
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

test('Excel\'s "Unicode Text" and "Text (Tab delimited)" are tables: times may be whole numbers, cells may have quotes', () => {
  const rows = `${HEAD}Anna\t0,5\t2\tso it was\r\nBen\t2\t3,25\t"yes, ""he"" said"\r\nAnna\t3,25\t4\t"two\nlines"\r\n`;
  const expected = {
    Anna: ['0.5-2 so it was', '3.25-4 two\nlines'],
    Ben: ['2-3.25 yes, "he" said'],
  };
  assert.deepEqual(tiersOf(utf16(rows)), expected);
  assert.deepEqual(tiersOf(rows), expected);
});

test('a table with another character between its cells is one, too', () => {
  assert.deepEqual(tiersOf('begin;end;text\n0,5;1,5;so, it was\n'), { speaker: ['0.5-1.5 so, it was'] });
});

test('quotes around cells are no part of them, with names of columns and without', () => {
  assert.deepEqual(tiersOf('"speaker"\t"begin"\t"end"\t"text"\n"Anna"\t0.5\t1.5\t"so"\n'), {
    Anna: ['0.5-1.5 so'],
  });
  assert.deepEqual(tiersOf('"Anna"\t"A."\t"0.500"\t"1.500"\t"1.000"\t"so"\n'), { Anna: ['0.5-1.5 so'] });
  assert.deepEqual(tiersOf(`${ELAN}Anna\t0.5\t1.5\t"she said ""so"""\n`), {
    Anna: ['0.5-1.5 she said "so"'],
  });
});

test("ELAN writes no quotes around cells: those of its annotations are the transcriber's", () => {
  assert.deepEqual(tiersOf(`${ELAN}Anna\t0.5\t1.5\t"so"\n`), { Anna: ['0.5-1.5 "so"'] });
  assert.deepEqual(tiersOf('Anna\t0.5\t1.5\t"so"\n'), { Anna: ['0.5-1.5 "so"'] });
});

test('columns that the user has chosen make a table, too', () => {
  const table = 'Wer\tVon\tBis\tWas\nAnna\t0,5\t2\tso\n';
  assert.deepEqual(tiersOf(table, 'speaker=Wer,begin=Von,end=Bis,text=Was'), { Anna: ['0.5-2 so'] });
});

test('a text beside a table whose columns were chosen by letters is still a text', () => {
  for (const said of ['Well, yes, of course.\nI think so, too.', 'Well, yes, of course.'])
    assert.equal(Object.values(tiersOf(said, 'begin=A,end=B,text=C'))[0]?.[0], `0-10 ${said}`);
  assert.deepEqual(tiersOf('Von;Bis;Was\n0,5;2;so\n', 'begin=A,end=B,text=C'), { speaker: ['0.5-2 so'] });
});

test('a text whose first line has one of the names is still a text', () => {
  for (const said of [
    'Begin, and then, text',
    'So it was.\nbegin,end,text',
    '"So, it was',
    'text\nso it was',
  ])
    assert.equal(Object.values(tiersOf(said))[0]?.[0], `0-10 ${said}`);
});

test.run();
