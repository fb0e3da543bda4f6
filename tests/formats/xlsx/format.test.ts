import assert from 'node:assert/strict';
import { test } from 'uvu';
import { XLSX } from '../../../src/formats/xlsx/format.ts';
import {
  type Cell,
  makeWorkbook,
  type WorkbookContent,
  workbookParts,
} from '../../../testing/make-workbook.ts';
import { makeZip } from '../../../testing/make-zip.ts';
import { faultsOf, readAs, told } from '../transcripts.ts';

const HEADER = ['begin', 'end', 'text'];

function read(content: WorkbookContent | Uint8Array) {
  const bytes = content instanceof Uint8Array ? content : makeWorkbook(content);
  const { transcript, warnings } = readAs(XLSX, 'talk.xlsx', bytes);
  return { tiers: told(transcript), warnings };
}

/** What is read from rows below the column names. */
function readRows(rows: readonly (readonly Cell[] | null)[], more: Partial<WorkbookContent> = {}) {
  return read({ ...more, sheets: [{ rows: [HEADER, ...rows] }] });
}

function faults(content: WorkbookContent | Uint8Array, file = 'talk.xlsx'): string[] {
  return faultsOf(XLSX, file, content instanceof Uint8Array ? content : makeWorkbook(content));
}

const shared = (number: number) => ({ attributes: 't="s"', inside: `<v>${number}</v>` });
const styled = (value: number, style: number) => ({ attributes: `s="${style}"`, inside: `<v>${value}</v>` });

test('texts are read from cells and from the list of texts, without their formats', () => {
  const strings = [
    '<si><t>so it</t></si>',
    '<si><r><rPr><b/></rPr><t xml:space="preserve">it </t></r><r><t>was</t></r></si>',
    '<si><t>今日</t><rPh sb="0" eb="2"><t>きょう</t></rPh><phoneticPr/></si>',
    '<si><t>a &lt;b&gt; &amp; _x000D_c _x005F_x0041_</t></si>',
    '<si/>',
  ];
  const { tiers, warnings } = readRows(
    [
      [0, 1, shared(0)],
      [1, 2, shared(1)],
      null,
      [2.5, 3, shared(2)],
      [3, 4, shared(3)],
      [4, 5, shared(4)],
      [5, 6, 'late'],
      [6, 7, { attributes: 't="str"', inside: '<f>A1&amp;B1</f><v>made</v>' }],
    ],
    { strings },
  );
  assert.deepEqual(tiers, {
    speaker: [
      '0-1 so it',
      '1-2 it was',
      '2.5-3 今日',
      '3-4 a <b> & \rc _x0041_',
      '4-5 ',
      '5-6 late',
      '6-7 made',
    ],
  });
  assert.deepEqual(warnings, []);
});

test('numbers are times in seconds as they were typed', () => {
  assert.deepEqual(
    readRows([
      [0.30000000000000004, 1e-1 + 1, 'so'],
      ['0,5', '1.25', 'it'],
    ]).tiers,
    {
      speaker: ['0.30000000000000004-1.1 so', '0.5-1.25 it'],
    },
  );
});

test('cells of times are read to the thousandth of a second', () => {
  const sec = 1 / 86_400;
  const formats = [21, 47, '[h]:mm:ss.000', 'hh:mm:ss;@', '[$-F400]h:mm:ss\\ AM/PM', '[Red]"at "mm:ss.0'];
  formats.forEach((_, at) => {
    const { tiers, warnings } = readRows(
      [[styled(12.345 * sec, at + 1), styled(3_602.5 * sec, at + 1), 'so']],
      { formats },
    );
    assert.deepEqual(tiers, { speaker: ['12.345-3602.5 so'] }, String(formats[at]));
    assert.deepEqual(warnings, []);
  });
  assert.deepEqual(readRows([[0, styled(1.5, 1), 'so']], { formats: ['[h]:mm:ss'] }).tiers, {
    speaker: ['0-129600 so'],
  });
});

test('1:30 became hours and minutes, and 1.5 a date: both are faults', () => {
  const content = {
    sheets: [{ rows: [HEADER, [styled(0.0625, 1), styled(45_047, 2), 'so']] }],
    formats: [20, 14],
  };
  assert.deepEqual(
    faults(content).map((one) => one.replace(/expected a time .* under/, '')),
    [
      'E_TRANSCRIPT_MALFORMED talk.xlsx line 2 column 1:  "begin", found "1:30 (hours and minutes)"; correct it',
      'E_TRANSCRIPT_MALFORMED talk.xlsx line 2 column 2:  "end", found "2023-05-01"; correct it',
    ],
  );
  assert.match(faults({ ...content, isFrom1904: true })[1] ?? '', /"2027-05-02"/);
});

test('numbers where text is meant are text, with a warning that names the first cell', () => {
  const { tiers, warnings } = readRows(
    [
      [0, 1, 'so'],
      [1, 2, 45],
      [2, 3, 1.5],
      [3, 4, styled(45_047, 1)],
    ],
    { formats: [14] },
  );
  assert.deepEqual(tiers, { speaker: ['0-1 so', '1-2 45', '2-3 1.5', '3-4 2023-05-01'] });
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.xlsx line 3: cells of numbers under "text": C3 and 2 more; if something else was typed, such as 0045 or 1/2, give the column the format "Text" and type it again',
  ]);
});

test('an error, and a formula without a value, are faults with the cell', () => {
  const rows: Cell[][] = [
    HEADER,
    [0, 1, { attributes: 't="e"', inside: '<f>so</f><v>#NAME?</v>' }],
    [{ inside: '<f>A1+1</f>' }, 2, 'it'],
  ];
  assert.deepEqual(faults({ sheets: [{ rows }] }), [
    `E_TRANSCRIPT_MALFORMED talk.xlsx line 2 column 3: expected one value under "text" in cell C2, found the error "#NAME?"; correct the formula, or type ' before a text that begins like one`,
    'E_TRANSCRIPT_MALFORMED talk.xlsx line 3 column 1: expected one value under "begin" in cell A3, found a formula without a value; open the file in a spreadsheet program and save it there',
  ]);
});

test('the name of a speaker in merged cells counts for all their rows, another value is a fault', () => {
  const rows = [
    ['speaker', 'begin', 'end', 'text'],
    ['Anna', 0, 1, 'so'],
    [null, 1, 2, 'it'],
    ['Ben', 2, 3, 'was'],
    [null, null, null, null],
  ];
  assert.deepEqual(read({ sheets: [{ rows, merged: ['A2:A3', 'A4:A5', 'A9:D9'] }] }).tiers, {
    Anna: ['0-1 so', '1-2 it'],
    Ben: ['2-3 was'],
  });
  assert.deepEqual(
    faults({ sheets: [{ rows, merged: ['A2:A3', 'D2:D3'] }] })[0],
    'E_TRANSCRIPT_MALFORMED talk.xlsx line 2 column 4: expected one value under "text" in cell D2, found merged cells; unmerge them, and write a value in each row',
  );
});

test('the one visible sheet with a table is read, and the others are named', () => {
  const table = { name: 'Said', rows: [HEADER, [0, 1, 'so']] };
  const notes = { name: 'Notes', rows: [['made by Ann'], ['in May']] };
  const { tiers, warnings } = read({
    sheets: [notes, { ...table, name: 'Old', state: 'hidden' }, table, { name: 'Empty', rows: [] }],
  });
  assert.deepEqual(tiers, { speaker: ['0-1 so'] });
  assert.deepEqual(warnings, [
    'W_TRANSCRIPT_READ talk.xlsx: only the sheet "Said" is read; not read: "Notes", "Old" (hidden)',
  ]);
  assert.deepEqual(faults({ sheets: [table, { ...table, name: 'More' }] }), [
    'E_TRANSCRIPT_MALFORMED talk.xlsx: expected one sheet with a table, found "Said", "More"; hide or delete all but one',
  ]);
  assert.match(
    faults({ sheets: [{ ...table, state: 'veryHidden' }] })[0] ?? '',
    /expected a visible sheet with a table/,
  );
  assert.match(
    faults({ sheets: [notes] })[0] ?? '',
    /line 1: expected a column "text", .* found "made by Ann"/,
  );
});

test('hidden rows are read, with a warning', () => {
  const { tiers, warnings } = read({ sheets: [{ rows: [HEADER, [0, 1, 'so'], [1, 2, 'it']], hidden: [3] }] });
  assert.deepEqual(tiers, { speaker: ['0-1 so', '1-2 it'] });
  assert.match(warnings[0] ?? '', /^W_TRANSCRIPT_READ talk\.xlsx line 3: hidden rows are read too: 3;/);
});

test('cells and rows without their names, and elements with a prefix, are read', () => {
  const parts = workbookParts({ sheets: [{ rows: [HEADER] }] });
  const xml =
    '<x:worksheet xmlns:x="m"><x:sheetData><x:row>' +
    HEADER.map((name) => `<x:c t="inlineStr"><x:is><x:t>${name}</x:t></x:is></x:c>`).join('') +
    '</x:row><x:row><x:c><x:v>0</x:v></x:c><x:c><x:v>1</x:v></x:c><x:c t="inlineStr"><x:is><x:t>so</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>';
  assert.deepEqual(read(makeZip({ ...parts, 'xl/worksheets/sheet1.xml': xml })).tiers, {
    speaker: ['0-1 so'],
  });
});

test('workbooks of other kinds are refused with what to do', () => {
  const workbook = makeWorkbook({ sheets: [{ rows: [HEADER] }] });
  for (const file of ['talk.xls', 'talk.XLSM', 'talk.xlsb', 'talk.ods'])
    assert.match(
      faults(workbook, file)[0] ?? '',
      /found a file of another kind \(\.\w+\); save the table as \.xlsx or \.csv/,
    );
  assert.match(
    faults(Buffer.from([0xd0, 0xcf, 0x11, 0xe0]))[0] ?? '',
    /a workbook with a password, or an old one/,
  );
  assert.match(faults(Buffer.from('begin,end,text'))[0] ?? '', /not a zip archive.*rename it to \.csv/);
  assert.match(faults(makeZip({ 'word/document.xml': '<w/>' }))[0] ?? '', /found a zip archive without one/);
});

test('sizes in the form of large archives are read, as some programs write them for small ones', () => {
  const parts = workbookParts({ sheets: [{ rows: [HEADER, [0, 1, 'so']] }] });
  assert.deepEqual(read(makeZip(parts, { isZip64: true })).tiers, { speaker: ['0-1 so'] });
});

test('a damaged workbook is a fault that says where', () => {
  const content = { sheets: [{ rows: [HEADER, [0, 1, 'so']] }] };
  const whole = makeWorkbook(content);
  assert.match(faults(whole.subarray(0, -30))[0] ?? '', /it has no list of parts at its end/);
  const parts = workbookParts(content);
  const sheet = parts['xl/worksheets/sheet1.xml'] ?? '';
  const withSheet = (xml: string) => makeZip({ ...parts, 'xl/worksheets/sheet1.xml': xml });
  assert.match(
    faults(withSheet(sheet.slice(0, -20)))[0] ?? '',
    /the part xl\/worksheets\/sheet1\.xml is damaged: /,
  );
  assert.match(
    faults(withSheet(sheet.replace('<v>1</v>', '<v>x</v>')))[0] ?? '',
    /line 2 column 2: expected a number, found "x"/,
  );
  const flipped = Buffer.from(whole);
  flipped[whole.indexOf('sheet1.xml') + 40] = 0xff ^ (flipped[whole.indexOf('sheet1.xml') + 40] ?? 0);
  assert.match(faults(flipped)[0] ?? '', /cannot be unpacked|checksum/);
});

test('entities of its own, and more than a limit when unpacked, are refused', () => {
  const parts = workbookParts({ sheets: [{ rows: [HEADER, [0, 1, 'so']] }] });
  const bomb = '<!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>';
  assert.match(
    faults(makeZip({ ...parts, 'xl/worksheets/sheet1.xml': bomb }))[0] ?? '',
    /no DTD inside the file/,
  );
  const large = makeZip({ ...parts, 'xl/worksheets/sheet1.xml': Buffer.alloc(129 * 1024 * 1024, ' ') });
  assert.ok(large.length < 1_000_000);
  assert.match(faults(large)[0] ?? '', /^E_LIMIT talk\.xlsx: expected at most 134217728 bytes/);
  const lying = makeZip({ ...parts, 'xl/worksheets/sheet1.xml': Buffer.alloc(1024 * 1024, ' ') });
  lying.writeUInt32LE(10, lying.lastIndexOf('xl/worksheets/sheet1.xml') - 46 + 24);
  assert.match(faults(lying)[0] ?? '', /cannot be unpacked/);
});

test('more columns than a table can have are a fault', () => {
  const parts = workbookParts({ sheets: [{ rows: [HEADER, [0, 1, 'so']] }] });
  const xml = (parts['xl/worksheets/sheet1.xml'] ?? '').replace(
    '</row></sheetData>',
    '<c r="XFD2"><v>1</v></c></row></sheetData>',
  );
  assert.match(
    faults(makeZip({ ...parts, 'xl/worksheets/sheet1.xml': xml }))[0] ?? '',
    /line 2 column 16384: expected at most 256/,
  );
});

test.run();
