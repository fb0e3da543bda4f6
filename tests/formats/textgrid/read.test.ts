import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { TextGrid } from '../../../src/formats/textgrid/model.ts';
import { readTextGrid } from '../../../src/formats/textgrid/read.ts';
import { thrownBy } from '../thrown.ts';

const LONG = `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0.5 
xmax = 2 
tiers? <exists> 
size = 2 
item []: 
    item [1]:
        class = "IntervalTier" 
        name = "anna ""A"" / 1" 
        xmin = 0.5 
        xmax = 2 
        intervals: size = 2 
        intervals [1]:
            xmin = 0.5 
            xmax = 1.25 
            text = "she said ""no""
and left" 
        intervals [2]:
            xmin = 1.25 
            xmax = 2 
            text = "" 
    item [2]:
        class = "TextTier" 
        name = "" 
        xmin = 0.5 
        xmax = 1.5 
        points: size = 1 
        points [1]:
            number = 0.75 
            mark = "! 5 <x>" 
`;

const GRID: TextGrid = {
  startSec: 0.5,
  endSec: 2,
  tiers: [
    {
      kind: 'interval',
      name: 'anna "A" / 1',
      startSec: 0.5,
      endSec: 2,
      intervals: [
        { startSec: 0.5, endSec: 1.25, text: 'she said "no"\nand left' },
        { startSec: 1.25, endSec: 2, text: '' },
      ],
    },
    {
      kind: 'point',
      name: '',
      startSec: 0.5,
      endSec: 1.5,
      points: [{ timeSec: 0.75, text: '! 5 <x>' }],
    },
  ],
};

const SHORT = `File type = "ooTextFile short"
"TextGrid"

0.5
2
<exists>
2
"IntervalTier"
"anna ""A"" / 1"
0.5
2
2
0.5
1.25
"she said ""no""
and left"
1.25
2
""
"TextTier"
""
0.5
1.5
1
0.75
"! 5 <x>"`;

const HEAD = '"ooTextFile"\n"TextGrid"\n';

function intervalsOf(body: string): unknown {
  const [tier] = readTextGrid(HEAD + body, 'a.TextGrid').tiers;
  return tier?.kind === 'interval' ? tier.intervals : null;
}

test('the long form and the short form give the same values', () => {
  assert.deepEqual(readTextGrid(LONG, 'a.TextGrid'), GRID);
  assert.deepEqual(readTextGrid(SHORT, 'a.TextGrid'), GRID);
});

test('line ends and tabs do not matter, and inside labels line ends become line feeds', () => {
  for (const lineEnd of ['\r\n', '\r', '\n\n']) {
    const text = LONG.replaceAll('\n', lineEnd).replaceAll('    ', '\t');
    const [tier] = readTextGrid(text, 'a.TextGrid').tiers;
    const label = tier?.kind === 'interval' ? tier.intervals[0]?.text : null;
    assert.equal(label, `she said "no"${lineEnd === '\n\n' ? '\n\n' : '\n'}and left`);
  }
});

test('values may be written freely: comments, words, several on a line', () => {
  const free = `"ooTextFile" written by hand
"TextGrid" ! a comment with "quotes" 12 <exists>
0.5 2 seconds ! the time domain
<exists> 2 tiers
"IntervalTier" named "anna ""A"" / 1" from 0.5 to 2 with 2 intervals:
[1] 0.5 1.25 "she said ""no""
and left" text=lost! 1.25 2.0 ""
"TextTier" "" 5e-1 +1.5 1
0.75 "! 5 <x>"
whatever "follows" 17`;
  assert.deepEqual(readTextGrid(free, 'a.TextGrid'), GRID);
});

test('duplicate tier names are kept, and so are tiers of one name and different kinds', () => {
  const tier = '"IntervalTier" "a" 0 1 1 0 1 "" ';
  const grid = readTextGrid(`${HEAD}0 1 <exists> 3 ${tier}${tier}"TextTier" "a" 0 1 0`, 'a.TextGrid');
  assert.deepEqual(
    grid.tiers.map(({ name, kind }) => [name, kind]),
    [
      ['a', 'interval'],
      ['a', 'interval'],
      ['a', 'point'],
    ],
  );
});

test('a TextGrid may have no tiers, said in either way', () => {
  assert.deepEqual(readTextGrid(`${HEAD}0 1 <absent>`, 'a.TextGrid').tiers, []);
  assert.deepEqual(readTextGrid(`${HEAD}0 1 <exists> 0`, 'a.TextGrid').tiers, []);
});

test('as in Praat, an interval tier without intervals has one empty interval', () => {
  assert.deepEqual(intervalsOf('0 9 <exists> 1 "IntervalTier" "a" 1 2 0'), [
    { startSec: 1, endSec: 2, text: '' },
  ]);
});

test('as in Praat, intervals and points are put in time order', () => {
  assert.deepEqual(intervalsOf('0 1 <exists> 1 "IntervalTier" "a" 0 1 2 0.5 1 "b" 0 0.5 "a"'), [
    { startSec: 0, endSec: 0.5, text: 'a' },
    { startSec: 0.5, endSec: 1, text: 'b' },
  ]);
  const [tier] = readTextGrid(`${HEAD}0 1 <exists> 1 "TextTier" "p" 0 1 2 0.5 "b" 0.2 "a"`, 'a').tiers;
  assert.deepEqual(tier?.kind === 'point' && tier.points.map(({ text }) => text), ['a', 'b']);
});

test('gaps, overlaps, reversed and zero-length intervals are read as they are', () => {
  assert.deepEqual(intervalsOf('0 9 <exists> 1 "IntervalTier" "a" 0 9 3 1 3 "x" 2 1.5 "y" 7 7 "z"'), [
    { startSec: 1, endSec: 3, text: 'x' },
    { startSec: 2, endSec: 1.5, text: 'y' },
    { startSec: 7, endSec: 7, text: 'z' },
  ]);
});

test('of objects that were saved together, the TextGrid with the name of the file is read, or the only one', () => {
  const grid = (label: string) => `0 1 <exists> 1 "IntervalTier" "a" 0 1 1 0 1 "${label}"`;
  const read = (file: string, ...objects: string[]) => {
    const text = `File type = "ooTextFile"\nObject class = "Collection"\n\n${objects.length}\n${objects.join('\n')}`;
    const [tier] = readTextGrid(text, file).tiers;
    return tier?.kind === 'interval' ? tier.intervals[0]?.text : null;
  };
  const two = [`"TextGrid" "day_1_talk" ${grid('one')}`, `"TextGrid" "other" ${grid('two')}`];
  assert.equal(read('x.TextGrid', `"TextGrid" "other" ${grid('one')}`), 'one');
  assert.equal(read('x.TextGrid', `"TextGrid" "other" ${grid('one')}`, '"Sound 2" "x" 0 1 5 5'), 'one');
  assert.equal(read('b/Day 1 talk.TextGrid', ...two), 'one');
  assert.throws(
    () => read('x.TextGrid', ...two),
    /found "day_1_talk", "other"; in Praat, select one and save it/,
  );
  assert.throws(
    () => read('x.TextGrid', '"Sound 2" "x" 0 1 5 5', ...two),
    /^TaskError: x\.TextGrid: expected a TextGrid as the first object, found "Sound 2"; in Praat, select the TextGrid alone/,
  );
  assert.throws(() => read('x.TextGrid'), /found none; in Praat/);
});

test('the chronological form gives the same values', () => {
  const text = `"Praat chronological TextGrid text file"
0.5 2   ! Time domain.
2   ! Number of tiers.
"IntervalTier" "anna ""A"" / 1" 0.5 2
"TextTier" "" 0.5 1.5

! anna:
1 0.5 1.25
"she said ""no""
and left"
2 0.75
"! 5 <x>"
1 1.25 2 "" the end
`;
  assert.deepEqual(readTextGrid(text, 'a.TextGrid'), GRID);
  assert.deepEqual(
    readTextGrid(text.replaceAll('\n', '\r\n').replace('\r\nand', '\nand'), 'a.TextGrid'),
    GRID,
  );
});

test('a chronological file is refused with the line of its fault, and may have tiers without anything', () => {
  const head = '"Praat chronological TextGrid text file"\n0 1\n';
  const tier = '1\n"IntervalTier" "a" 0 1\n';
  for (const [body, line, message] of [
    ['', 3, /expected the number of tiers .*found the end of the file/],
    ['1\n"Tier"', 4, /as the kind of tier 1, found "Tier"/],
    [`${tier}2 0 1 "x"`, 5, /expected the number of a tier, 1 to 1, found 2/],
    [`${tier}1.5 0 1 "x"`, 5, /expected the number of a tier, 1 to 1, found 1\.5/],
    [`${tier}1 0 "x"`, 5, /expected an end time/],
    [`${tier}"x"`, 5, /expected the number of a tier \(a number\), found a text in quotes/],
    ['999999999', 3, /that fits the length of the file/],
  ] as const) {
    const error = thrownBy(() => readTextGrid(head + body, 'a.TextGrid'));
    assert.equal(error.code, 'E_TEXTGRID_MALFORMED');
    assert.match(error.message, message);
    assert.equal(error.faults[0].place?.line, line, error.message);
  }
  const [empty] = readTextGrid(head + tier, 'a.TextGrid').tiers;
  assert.deepEqual(empty?.kind === 'interval' && empty.intervals, [{ startSec: 0, endSec: 1, text: '' }]);
});

test('as in Praat, times may be percentages and fractions, counts may not', () => {
  assert.deepEqual(intervalsOf('0 1 <exists> 1 "IntervalTier" "a" 0 1 2 0% 1/4 "x" 50%/2 3/3 "y"'), [
    { startSec: 0, endSec: 0.25, text: 'x' },
    { startSec: 0.25, endSec: 1, text: 'y' },
  ]);
  for (const [token, message] of [
    ['1/0', /expected an end time \(a number of seconds\), found "1\/0"/],
    ['1/2/3', /decimal point/],
    ['1/', /decimal point/],
    ['5%%', /decimal point/],
    ['1/x', /decimal point/],
  ] as const) {
    const body = `0 1 <exists> 1 "IntervalTier" "a" 0 1 1 0 ${token} "x"`;
    assert.match(thrownBy(() => intervalsOf(body)).message, message, token);
  }
  assert.match(
    thrownBy(() => intervalsOf('0 1 <exists> 2/2 "IntervalTier" "a" 0 1 0')).message,
    /the number of tiers \(a whole number, 0 or more\), found "2\/2"/,
  );
});

test('a fault names the file, line, tier and interval, what was expected, what was found and the fix', () => {
  const error = thrownBy(() =>
    readTextGrid(LONG.replace('xmax = 2 \n            text', 'text'), 'talk.TextGrid'),
  );
  assert.equal(error.code, 'E_TEXTGRID_MALFORMED');
  assert.equal(error.faults[0].place?.file, 'talk.TextGrid');
  assert.equal(error.faults[0].place?.line, 22);
  assert.match(
    error.message,
    /^talk\.TextGrid line 22 tier "anna \\"A\\" \/ 1" interval 2: expected an end time \(a number\), found a text in quotes \(the tier should have 2, as the file says\); .*Save as text file/,
  );
});

test('a file that is not a TextGrid text file is refused at its first line', () => {
  for (const [text, found] of [
    ['', 'an empty file'],
    [' \n \n', 'an empty file'],
    ['0 1 hello\n', '"0 1 hello"'],
    ['File type = "ooBinaryFile"\n', '"File type = \\"ooBinaryFil..."'],
    ['"ooTextFile"\n"PitchTier"\n', '"PitchTier"'],
    ['"ooTextFile"\n"TextGrid"\0', 'a zero character'],
  ] as const) {
    const error = thrownBy(() => readTextGrid(text, 'a.TextGrid'));
    assert.equal(error.code, 'E_TEXTGRID_MALFORMED');
    assert.ok(error.message.includes(`found ${found}`), error.message);
  }
});

test('each kind of damage is refused with its line', () => {
  const tier = '"IntervalTier" "a"\n0 1\n';
  const cases: [body: string, line: number, message: RegExp][] = [
    ['0', 3, /expected the end time of the TextGrid \(a number\), found the end of the file/],
    ['0 <exists>', 3, /found "<exists>"/],
    ['0 1\n"x"', 4, /expected the mark .*\(<exists> or <absent>\), found a text in quotes/],
    ['0 1\n<maybe>', 4, /found "<maybe>"/],
    ['0 1\n<exists', 4, /found "<exists"/],
    ['0 1 <exists>\n-1', 4, /expected the number of tiers \(a whole number, 0 or more\), found "-1"/],
    ['0 1 <exists>\n1.5', 4, /whole number/],
    ['0 1 <exists>\n1\n"Tier"', 5, /as the kind of tier 1, found "Tier"/],
    ['0 1 <exists>\n1\n"IntervalTier" 7', 5, /expected the name of tier 1 .*found "7"/],
    [
      `0 1 <exists>\n1\n${tier}1 0.0 1.0`,
      7,
      /tier "a" interval 1: expected a label .*found the end of the file \(the tier should have 1,/,
    ],
    [`0 1 <exists>\n1\n${tier}1 0 1\n"open`, 8, /expected a closing quote after a label/],
    [`0 1 <exists>\n1\n${tier}1 0 1\n"she said "no" to"`, 8, /second quote .*found "n" right after a quote/],
    [`0 1 <exists>\n1\n${tier}1 0,5 1 "x"`, 7, /decimal point.*found "0,5"/],
    [`0 1 <exists>\n1\n${tier}1 .5 1 "x"`, 7, /found ".5"/],
    [`0 1 <exists>\n1\n${tier}1 0 --undefined-- "x"`, 7, /found "--undefined--"/],
    [
      `0 1 <exists>\n1\n${tier}1 0 1e999 "x"`,
      7,
      /expected an end time \(a number of seconds\), found "1e999"/,
    ],
  ];
  for (const [body, line, message] of cases) {
    const error = thrownBy(() => readTextGrid(HEAD + body, 'a.TextGrid'));
    assert.equal(error.code, 'E_TEXTGRID_MALFORMED');
    assert.match(error.message, message);
    assert.equal(error.faults[0].place?.line, line, error.message);
  }
});

test('a count that is too large for the file is refused before memory is allocated for it', () => {
  for (const body of [
    '0 1 <exists> 999999999',
    '0 1 <exists> 1 "IntervalTier" "a" 0 1 999999999 0 1 ""',
    '0 1 <exists> 1 "TextTier" "a" 0 1 9007199254740991 0 ""',
  ]) {
    const error = thrownBy(() => readTextGrid(HEAD + body, 'a.TextGrid'));
    assert.match(error.message, /that fits the length of the file, found "9\d+"/);
  }
});

test('long text of the file is shortened in the message', () => {
  const error = thrownBy(() => readTextGrid(`${HEAD}${'1'.repeat(100_000)}x`, 'a.TextGrid'));
  assert.ok(error.message.length < 400, error.message.slice(0, 400));
});

test.run();
