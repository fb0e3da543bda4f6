import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { atOnce } from '../../src/base/pieces.ts';
import { findTierFaults } from '../../src/formats/check-tiers.ts';
import { TABLE } from '../../src/formats/table/format.ts';
import type { Transcript } from '../../src/formats/transcript.ts';
import { XLSX } from '../../src/formats/xlsx/format.ts';
import { workbookParts } from '../../testing/make-workbook.ts';
import { makeZip } from '../../testing/make-zip.ts';
import { feed, SEED } from '../support/feed.ts';

const test = suite(`tables with generated content, seed ${SEED}`);
const PIECES = [
  ...['-1', '1e999', '9007199254740993', '0x10', '.5', '0,5', '1:02', '0:00:01.5', '1e-5', '99:99', 'NA'],
  ...[
    '\0',
    '"',
    '""',
    '"\n"',
    '\r',
    '\r\n',
    '\n',
    '\t',
    ',',
    ';',
    '|',
    '\uFEFF',
    '\uD800',
    '\u2028',
    '\u0085',
  ],
  ...[
    'sep=;\n',
    'begin',
    'end',
    'text',
    'file',
    'speaker',
    'type',
    'word number',
    'phone',
    '_ms',
    ' - msec',
    ' (s)',
  ],
];
const GOOD = [
  'file,speaker,begin,end,text\na.wav,Anna,0,1,so\na.wav,Ben,0.5,2,"it, ""was"""\nb,Anna,1,2,"late\nnight"\n',
  'sep=;\r\nbegin;end;text\r\n0,5;1,25;so\r\n1,25;0:02.5;it was\r\n',
  'Tier\tBegin Time - msec\tEnd Time - ss.msec\tAnnotation\na\t500\t1.5\t"so" it\nb\t1000\t2.0\twas\n',
  'Begin,End,Label,Type,Speaker\n0,0.5,so,words,Anna\n0,0.2,s,phones,Anna\n',
  'speaker,word,word_number,phone,begin,end\nA,so,1,s,0.1,0.2\nA,so,1,ow,0.2,0.3\nA,it,2,i,0.3,0.4\n',
  'audio|sentence\na.wav|so it was\nb.wav|late\n',
  'tmin,tier,text,tmax\n0.1,w,so,0.2\n0.1,p,x,0.1\n',
  '0.5;1.5;so\n2;3;5\n',
  '"A"\t"B"\t"0.5"\t"1.25"\t"0.75"\t"so, ""it"""\r\r\n"C"\t""\t"2"\t"3"\t"1"\t"x"\r\r\n',
];

function check({ startSec, endSec, tiers }: Transcript): void {
  assert.ok(startSec === 0 && !Number.isNaN(endSec) && tiers.length >= 1);
  for (const tier of tiers) {
    if (tier.kind === 'point') continue;
    findTierFaults(tier, { file: 'talk.csv', audioDurationSec: 2 });
    for (const { startSec: from, endSec: to } of tier.intervals) assert.ok(!Number.isNaN(from + to));
  }
}

const options = { legacyEncoding: 'windows-1252' as const, audioSec: 2, warn: () => undefined };

test('6,000 tables of one recording: a transcript, or a fault with a code', async () => {
  await feed(6_000, GOOD, PIECES, (text) => {
    check(atOnce(TABLE.read(Buffer.from(text), 'talk.csv', options)));
  });
});

test('6,000 tables of many recordings, half of them in other encodings', async () => {
  let number = 0;
  await feed(6_000, GOOD, PIECES, (text) => {
    number += 1;
    const bytes = number % 2 === 0 ? Buffer.from(text) : Buffer.from(`\uFEFF${text}`, 'utf16le');
    const reading = TABLE.readTable?.(bytes, 'all.tsv', options);
    for (const one of (reading && atOnce(reading)) ?? []) check(atOnce(one.toTranscript(2)));
  });
});

const SHEET = [
  ...[
    '<c',
    '<row',
    '</row>',
    '<v>',
    '</v>',
    '</c>',
    ' t="s"',
    ' t="e"',
    ' s="1"',
    ' r="A1"',
    ' r="XFD1048577"',
    '<f>',
  ],
  ...[
    '<is>',
    '<t>',
    '<rPh>',
    '<mergeCell ref="A1:A9"/>',
    '&amp;',
    '&#0;',
    '_x000D_',
    '<!DOCTYPE',
    '<![CDATA[',
    '-1',
    '1e9',
  ],
];

test('3,000 workbooks with generated sheets, some of them damaged as zips', async () => {
  const parts = workbookParts({
    sheets: [
      {
        rows: [
          ['speaker', 'begin', 'end', 'text'],
          ['Anna', 0, 1, 'so'],
          [null, 1.5, 2, 45],
        ],
        merged: ['A2:A3'],
      },
    ],
    strings: ['<si><t>so</t></si>'],
    formats: [21],
  });
  const name = 'xl/worksheets/sheet1.xml';
  let number = 0;
  await feed(3_000, [parts[name] ?? ''], SHEET, (xml) => {
    number += 1;
    const bytes = makeZip({ ...parts, [name]: xml });
    if (number % 3 === 0) bytes[(number * 7) % bytes.length] = number % 256;
    check(
      atOnce(
        XLSX.read(number % 10 === 0 ? bytes.subarray(0, number % bytes.length) : bytes, 'talk.xlsx', options),
      ),
    );
  });
});

test.run();
