import assert from 'node:assert/strict';
import { test } from 'uvu';
import { atOnce } from '../../../src/base/pieces.ts';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { fillGaps, writeTextGrid } from '../../../src/formats/textgrid/write.ts';
import { writeShortTextGridInPieces } from '../../../src/formats/textgrid/write-short.ts';
import type { Interval, IntervalTier } from '../../../src/formats/tiers.ts';
import { thrownBy } from '../thrown.ts';

function tierOf(intervals: readonly Interval[], name = 'anna'): IntervalTier {
  return { kind: 'interval', name, startSec: 0, endSec: 2, intervals };
}

function gridOf(...tiers: TextGrid['tiers']): TextGrid {
  return { startSec: 0, endSec: 2, tiers };
}

test('the long form is written byte for byte as Praat writes it', () => {
  const grid = gridOf(
    tierOf(
      [
        { startSec: 0, endSec: 0.1 + 0.2, text: 'she said "no"\nand left' },
        { startSec: 0.1 + 0.2, endSec: 2, text: '' },
      ],
      'a "b" / c',
    ),
    { kind: 'point', name: '', startSec: 0, endSec: 2, points: [{ timeSec: 0.000012345, text: 'é' }] },
  );
  assert.equal(
    writeTextGrid(grid),
    `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0 
xmax = 2 
tiers? <exists> 
size = 2 
item []: 
    item [1]:
        class = "IntervalTier" 
        name = "a ""b"" / c" 
        xmin = 0 
        xmax = 2 
        intervals: size = 2 
        intervals [1]:
            xmin = 0 
            xmax = 0.30000000000000004 
            text = "she said ""no""
and left" 
        intervals [2]:
            xmin = 0.30000000000000004 
            xmax = 2 
            text = "" 
    item [2]:
        class = "TextTier" 
        name = "" 
        xmin = 0 
        xmax = 2 
        points: size = 1 
        points [1]:
            number = 1.2345e-05 
            mark = "é" 
`,
  );
});

test('the short form has the same values, one a line', () => {
  const grid = gridOf(tierOf([{ startSec: 0, endSec: 2, text: 'she said "no"\nand left' }], 'a "b"'), {
    kind: 'point',
    name: '',
    startSec: 0,
    endSec: 2,
    points: [{ timeSec: 0.000012345, text: 'é' }],
  });
  const text = atOnce(writeShortTextGridInPieces(grid));
  assert.equal(
    text,
    `File type = "ooTextFile"
Object class = "TextGrid"

0
2
<exists>
2
"IntervalTier"
"a ""b"""
0
2
1
0
2
"she said ""no""
and left"
"TextTier"
""
0
2
1
1.2345e-05
"é"
`,
  );
  assert.deepEqual(readTextGrid(text, 'a.TextGrid'), grid);
});

test('written values are read back unchanged', () => {
  const third = 1 / 3;
  const grid = gridOf(
    tierOf([
      { startSec: 0, endSec: 1e-7, text: '"' },
      { startSec: 1e-7, endSec: third, text: '""' },
      { startSec: third, endSec: 2, text: '\t"x" \n\n!<exists> 5 "' },
    ]),
    gridOf(tierOf([{ startSec: 0, endSec: 2, text: '' }])).tiers[0] as IntervalTier,
  );
  assert.deepEqual(readTextGrid(writeTextGrid(grid), 'a.TextGrid'), grid);
});

test('a tier that does not cover the whole time exactly once is not written', () => {
  const cases: [intervals: Interval[], message: RegExp][] = [
    [[], /expected intervals, found none/],
    [[{ startSec: 0.5, endSec: 2, text: '' }], /interval 1: expected start 0 s, found start 0.5 s/],
    [[{ startSec: 0, endSec: 1.5, text: '' }], /interval 1: expected end 2 s, found end 1.5 s/],
    [
      [
        { startSec: 0, endSec: 1, text: '' },
        { startSec: 1.1, endSec: 2, text: '' },
      ],
      /interval 2: expected start 1 s, found start 1.1 s/,
    ],
    [
      [
        { startSec: 0, endSec: 1, text: '' },
        { startSec: 1, endSec: 1, text: 'x' },
        { startSec: 1, endSec: 2, text: '' },
      ],
      /interval 2: expected an end after its start 1 s, found end 1 s/,
    ],
  ];
  for (const [intervals, message] of cases) {
    const error = thrownBy(() => writeTextGrid(gridOf(tierOf(intervals))));
    assert.equal(error.code, 'E_OUTPUT_INVALID');
    assert.equal(error.faults[0].place?.tier, 'anna');
    assert.match(error.message, message);
  }
  const shorter = { ...tierOf([{ startSec: 0, endSec: 2, text: '' }]), endSec: 1.5 };
  assert.match(
    thrownBy(() => writeTextGrid(gridOf(shorter))).message,
    /a tier of 0 to 2 s, found 0 to 1.5 s/,
  );
});

test('gaps before, between and after are filled with empty intervals', () => {
  const intervals = [
    { startSec: 0.5, endSec: 0.75, text: 'a' },
    { startSec: 0.75, endSec: 1, text: 'b' },
    { startSec: 1.5, endSec: 1.75, text: 'c' },
  ];
  assert.deepEqual(fillGaps(intervals, 0, 2), [
    { startSec: 0, endSec: 0.5, text: '' },
    { startSec: 0.5, endSec: 0.75, text: 'a' },
    { startSec: 0.75, endSec: 1, text: 'b' },
    { startSec: 1, endSec: 1.5, text: '' },
    { startSec: 1.5, endSec: 1.75, text: 'c' },
    { startSec: 1.75, endSec: 2, text: '' },
  ]);
  assert.deepEqual(fillGaps([], 0, 2), [{ startSec: 0, endSec: 2, text: '' }]);
});

test('boundaries that rounding moved apart or over each other become one', () => {
  const intervals = [
    { startSec: 0.0004, endSec: 0.5004, text: 'a' },
    { startSec: 0.5, endSec: 1, text: 'b' },
    { startSec: 1.0003, endSec: 2.0004, text: 'c' },
  ];
  assert.deepEqual(fillGaps(intervals, 0, 2), [
    { startSec: 0, endSec: 0.5004, text: 'a' },
    { startSec: 0.5004, endSec: 1, text: 'b' },
    { startSec: 1, endSec: 2, text: 'c' },
  ]);
});

test('empty intervals are kept as they were cut, but not those without length', () => {
  const intervals = [
    { startSec: 0, endSec: 0.5, text: '' },
    { startSec: 0.5, endSec: 1, text: '' },
    { startSec: 1, endSec: 1, text: ' ' },
    { startSec: 1, endSec: 2, text: 'x' },
    { startSec: 2, endSec: 2, text: '' },
  ];
  assert.deepEqual(
    fillGaps(intervals, 0, 2).map(({ startSec, endSec }) => [startSec, endSec]),
    [
      [0, 0.5],
      [0.5, 1],
      [1, 2],
    ],
  );
});

test('intervals that overlap, go back or leave the range are refused, not repaired', () => {
  for (const [startSec, endSec] of [
    [0.9, 1.5],
    [1.5, 1.2],
    [1.5, 1.5],
    [1.5, 2.1],
    [Number.NaN, 2],
  ] as const) {
    const intervals = [
      { startSec: 0, endSec: 1, text: 'a' },
      { startSec, endSec, text: 'b' },
    ];
    const error = thrownBy(() => fillGaps(intervals, 0, 2));
    assert.equal(error.code, 'E_OUTPUT_INVALID');
    assert.equal(error.faults[0].place?.interval, 2);
  }
  assert.throws(() => fillGaps([{ startSec: -1, endSec: 1, text: 'a' }], 0, 2), /between 0 s and 2 s/);
});

test.run();
