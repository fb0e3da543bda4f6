import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import { CSV_RESULT } from '../../../src/formats/csv/result.ts';
import { documentOf, readBack, saidBy, writeResult } from '../../../testing/result.ts';
import { findPraat, runPraat } from '../../support/praat.ts';

const FILE = 'phones.csv';
const HEADER = 'file,speaker,word,word_number,phone,ipa,begin,end,quality';
/** Words of one phone each. */
const words = (...texts: string[]) =>
  texts.map((text, n) => ({ text, phones: [['AH', 'ʌ', n / 4, (n + 1) / 4]] as const }));
const tableOf = (...documents: Parameters<typeof writeResult>[1]) =>
  writeResult(CSV_RESULT, documents).get(FILE) ?? '';
const linesOf = (table: string) => table.split('\r\n').slice(0, -1);

test('a row for each phone has its word, its times and its quality; pauses have none', () => {
  const ann = saidBy(
    'ann',
    [
      {
        text: 'One',
        phones: [
          ['W', 'w', 0.25, 0.5],
          ['AH', 'ʌ', 0.5, 0.75],
        ],
      },
      { text: 'two', phones: [['T', 't', 1, 1.125]] },
    ],
    2,
  );
  const ben = saidBy('ben', [{ text: 'uh', phones: [['AH', 'ʌ', 0.1, 0.30000000000000004]] }], 2);
  const doubtful = new Map([['ann', [{ startSec: 0.9, endSec: 1.2 }]]]);
  assert.deepEqual(linesOf(tableOf(documentOf(2, [ann, ben], { doubtful }))), [
    HEADER,
    '"talk","ann","One",1,"W","w",0.25,0.5,"ok"',
    '"talk","ann","One",1,"AH","ʌ",0.5,0.75,"ok"',
    '"talk","ann","two",2,"T","t",1,1.125,"doubtful"',
    '"talk","ben","uh",1,"AH","ʌ",0.1,0.30000000000000004,"ok"',
  ]);
});

test('all recordings of a task are in one table with one header', () => {
  const said = [saidBy('ann', words('one'), 1)];
  const table = tableOf(
    documentOf(1, said),
    documentOf(1, [], { name: 'silence' }),
    documentOf(1, said, { name: 'day 1/b' }),
  );
  assert.deepEqual(linesOf(table), [
    HEADER,
    '"talk","ann","one",1,"AH","ʌ",0,0.25,"ok"',
    '"day 1/b","ann","one",1,"AH","ʌ",0,0.25,"ok"',
  ]);
});

test('a task in which no word was found has a table with the header alone, which is accepted', async () => {
  const table = tableOf(documentOf(1, []));
  assert.deepEqual(linesOf(table), [HEADER]);
  await readBack(CSV_RESULT, FILE, table, [1]);
});

test('a word without phones has a row, and so has a phone that is in no word', () => {
  const { phones } = saidBy('ann', words('one', 'two'), 1);
  const [phone, word, trans] = phones;
  assert.ok(phone?.kind === 'interval' && word?.kind === 'interval' && trans !== undefined);
  const without = { ...phone, intervals: phone.intervals.map((one) => ({ ...one, text: '' })) };
  assert.deepEqual(
    linesOf(tableOf(documentOf(1, [], { phones: [without, word, trans], ipa: null }))).slice(1),
    ['"talk","ann","one",1,"","",0,0.25,"ok"', '"talk","ann","two",2,"","",0.25,0.5,"ok"'],
  );
  assert.deepEqual(linesOf(tableOf(documentOf(1, [], { phones: [phone], ipa: null }))).slice(1), [
    '"talk","ann","",,"AH","",0,0.25,"ok"',
    '"talk","ann","",,"AH","",0.25,0.5,"ok"',
  ]);
});

/**
 * Labels that are hard for a table: its own separators, words that programs take for something else, formulas, other
 * scripts.
 */
const HARD = [
  ...['a,b', 'say "so"', '"', '""', 'a;b', "it's", '\\', 'tab\there'],
  ...['NA', 'null', 'NaN', 'T', 'FALSE', '5', '007', '1e5', '1,5', '2-3'],
  ...['=1+1', '+1', '-ce', '@home', '=HYPERLINK("x")', '#', ' blank '],
  ...['größe', 'ʌ̃', '日本', '😀', '\u202eabc', 'line\r\nbreak', 'line\nbreak', '\r\n,"'],
];

test('labels are written unchanged, whatever they contain, and are read back in pieces of any length', async () => {
  const said = [saidBy('a,"b"\r\nc', words(...HARD), HARD.length)];
  const table = tableOf(documentOf(HARD.length, said));
  for (const pieceBytes of [1, 2, 3, 64, 100_000])
    await readBack(CSV_RESULT, FILE, table, [HARD.length], pieceBytes);
  assert.ok(table.includes('"=1+1"') && table.includes('"NA"') && table.includes('"say ""so"""'));
});

const READ_WITH_PYTHON = `
import csv, io, json, sys
text = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='')
names = next(csv.reader(text))
print(json.dumps([names, *csv.reader(text, quoting=csv.QUOTE_NONNUMERIC)]))
`;
const hasPython = spawnSync('python3', ['--version']).status === 0;
if (!hasPython) console.error('no python3: the table is not compared with what Python reads');

(hasPython ? test : test.skip)('Python reads labels as texts and numbers as numbers', () => {
  const input = tableOf(documentOf(HARD.length, [saidBy('ann', words(...HARD), HARD.length)]));
  const { stdout, stderr } = spawnSync('python3', ['-c', READ_WITH_PYTHON], { input, encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.deepEqual(JSON.parse(stdout), [
    HEADER.split(','),
    ...HARD.map((word, n) => ['talk', 'ann', word, n + 1, 'AH', 'ʌ', n / 4, (n + 1) / 4, 'ok']),
  ]);
});

const praat = findPraat();
if (praat === null) console.error('no praat: the table is not compared with what Praat reads');

(praat === null ? test.skip : test)(
  'Praat finds the columns by their names, and reads their values',
  async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'praat-table-'));
    try {
      const table = tableOf(documentOf(HARD.length, [saidBy('01', words(...HARD), HARD.length)]));
      writeFileSync(path.join(dir, FILE), table);
      const script = `Read Table from comma-separated file: "${path.join(dir, FILE)}"
      rows = Get number of rows
      word$ = Get value: 1, "word"
      phone$ = Get value: 2, "phone"
      begin = Get value: 2, "begin"
      last$ = Get value: rows, "speaker"
      writeInfo: rows, " ", word$, " ", phone$, " ", begin, " ", last$`;
      const shown = await runPraat(praat ?? '', script, [], dir);
      assert.equal(shown, `${HARD.length} a,b AH 0.25 01`);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
);

test('a table that is cut short, or contains impossible values, is not accepted', async () => {
  const row = (file: string, begin: string, end: string) =>
    `"${file}","ann","one",1,"AH","ʌ",${begin},${end},"ok"\r\n`;
  const table = (...rows: string[]) => `${HEADER}\r\n${rows.join('')}`;
  const whole = table(row('a', '0', '0.5'), row('a', '0.5', '1'), row('b', '0', '2'));
  await readBack(CSV_RESULT, FILE, whole, [1, 2]);
  for (const [text, expected] of [
    ['', /a whole record at the end/],
    [whole.slice(0, -1), /a whole record at the end in record 4/],
    [whole.slice(0, -20), /a whole record at the end/],
    [whole.slice(HEADER.length + 2), /the names of the columns in record 1/],
    [table(row('a', '0.5', '0.5')), /the end after the start in record 2/],
    [table(row('a', '0', '0.5'), row('a', '0.4', '1')), /times after 0\.5 s.* in record 3/],
    [table(row('a', '0', '2.5')), /times up to 2 s in record 2/],
    [table(row('a', '0', '1,5')), /nine fields/],
    [table(row('a', '"0"', '1')), /nine fields/],
    [table(row('a"b', '0', '1')), /nine fields|whole record/],
    [table('"a"\r\n'), /nine fields/],
  ] as const) {
    await assert.rejects(readBack(CSV_RESULT, FILE, text, [1, 2]), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'E_OUTPUT_INVALID');
      assert.match(error.message, expected);
      return true;
    });
  }
  const noUtf8 = async function* () {
    yield Uint8Array.from([0x22, 0xff]);
  };
  await assert.rejects(CSV_RESULT.check(noUtf8(), { name: FILE, durationsSec: [1] }));
});

test('a label with very many quotes or lines is read back in one pass', async () => {
  for (const sign of ['"', '\r\n', '"\r\n', 'a']) {
    const text = tableOf(documentOf(1, [saidBy('ann', words(sign.repeat(200_000)), 1)]));
    await readBack(CSV_RESULT, FILE, text, [1], 65_536);
  }
});

test.run();
