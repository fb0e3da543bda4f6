import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { aligned, eafTier, makeEaf, referring } from '../../support/eaf.ts';
import { readEaf, tiersOf } from './read-eaf.ts';

const test = suite('EAF');

test('tiers have the names of ELAN, and annotations their times in seconds', () => {
  const read = readEaf(
    makeEaf({
      times: [0, 1234, 1234, 2500],
      tiers: [
        eafTier('anna', [aligned('a1', 1, 2, 'one'), aligned('a2', 3, 4, 'two three')], 'PARTICIPANT="A."'),
        eafTier('empty', []),
      ],
    }),
  );
  assert.deepEqual(tiersOf(read), { anna: ['0 1.234 one', '1.234 2.5 two three'], empty: [] });
  assert.deepEqual([read.startSec, read.endSec, read.warnings], [0, 10, []]);
});

test('a transcript lasts as long as its annotations where the recording is shorter or unknown', () => {
  const eaf = makeEaf({ times: [0, 12_000], tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])] });
  assert.deepEqual([readEaf(eaf).endSec, readEaf(eaf, { audioSec: null }).endSec], [12, 12]);
});

test('the order of the file is not that of time', () => {
  const read = readEaf(
    makeEaf({
      times: [3000, 4000, 0, 1000],
      tiers: [eafTier('anna', [aligned('a2', 1, 2, 'later'), aligned('a1', 3, 4, 'first')])],
    }),
  );
  assert.deepEqual(tiersOf(read), { anna: ['0 1 first', '3 4 later'] });
});

test('labels stay as they are: empty, of several lines, with TABs, blanks and entities, in CDATA, around comments', () => {
  const values = [
    '',
    ' ',
    'two\n lines',
    'a\tb',
    '&lt;i&gt; &amp; &#x1D11E;',
    '<![CDATA[<b>]]>',
    'o<!-- - -->ne',
  ];
  const annotations = values.map((value, index) => aligned(`a${index}`, index + 1, index + 2, value));
  const read = readEaf(
    makeEaf({
      times: [...values.keys(), values.length].map((n) => n * 1000),
      tiers: [eafTier('anna', annotations)],
    }),
  );
  const [tier] = read.tiers;
  assert.ok(tier?.kind === 'interval');
  assert.deepEqual(
    tier.intervals.map(({ text }) => text),
    ['', ' ', 'two\n lines', 'a\tb', '<i> & 𝄞', '<b>', 'one'],
  );
});

test('an annotation without a value is empty', () => {
  const bare = '<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"/>';
  const short = bare
    .replace('/>', '><ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION>')
    .replace('a1', 'a2')
    .replace('ts2', 'ts3')
    .replace('ts1', 'ts2');
  const read = readEaf(makeEaf({ times: [0, 1000, 2000], tiers: [eafTier('anna', [bare, short])] }));
  assert.deepEqual(tiersOf(read), { anna: ['0 1 ', '1 2 '] });
});

test('two tiers of one participant stay two, and a participant gives no tier its name', () => {
  const read = readEaf(
    makeEaf({
      times: [0, 1000, 500, 1500],
      tiers: [
        eafTier('left', [aligned('a1', 1, 2, 'one')], 'PARTICIPANT="anna"'),
        eafTier('right', [aligned('a2', 3, 4, 'two')], 'PARTICIPANT="anna"'),
      ],
    }),
  );
  assert.deepEqual(tiersOf(read), { left: ['0 1 one'], right: ['0.5 1.5 two'] });
});

test('times in frames are read as what they are', () => {
  const read = (units: string) =>
    tiersOf(
      readEaf(
        makeEaf({
          header: `TIME_UNITS="${units}"`,
          times: [25, 60],
          tiers: [eafTier('anna', [aligned('a1', 1, 2, 'one')])],
        }),
      ),
    );
  assert.deepEqual(read('PAL-frames'), { anna: ['1 2.4 one'] });
  const [ntsc = ''] = read('NTSC-frames')['anna'] ?? [];
  const [startSec, endSec] = ntsc.split(' ').map(Number);
  assert.ok(
    Math.abs((startSec ?? 0) - (25 * 1001) / 30_000) < 1e-9 && Math.abs((endSec ?? 0) - 2.002) < 1e-9,
  );
});

test('a file of another version, or with unknown elements, is read as well', () => {
  const eaf = makeEaf({
    times: [0, 1000],
    tiers: [
      '<NEW_THING><TIME_SLOT_LIST/></NEW_THING>',
      eafTier('anna', [aligned('a1', 1, 2, 'one')], 'EXT_REF="x" NEW="1"'),
    ],
    rest: '<LOCALE LANGUAGE_CODE="en"/><CONTROLLED_VOCABULARY CV_ID="c"><CV_ENTRY DESCRIPTION="">v</CV_ENTRY></CONTROLLED_VOCABULARY>',
  }).replaceAll('"3.0"', '"2.7"');
  assert.deepEqual(tiersOf(readEaf(eaf)), { anna: ['0 1 one'] });
});

test('any encoding of Unicode is read, and the one that the file declares', () => {
  const text = makeEaf({ times: [0, 1000], tiers: [eafTier('änn', [aligned('a1', 1, 2, 'blåbær')])] });
  const latin1 = Buffer.from(text.replace('UTF-8', 'ISO-8859-1'), 'latin1');
  for (const bytes of [Buffer.from(`\uFEFF${text}`), Buffer.from(`\uFEFF${text}`, 'utf16le'), latin1]) {
    const read = readEaf(bytes);
    assert.deepEqual([tiersOf(read), read.warnings], [{ änn: ['0 1 blåbær'] }, []]);
  }
});

test('a label that refers to the same word twice is no problem for its parent', () => {
  const read = readEaf(
    makeEaf({
      times: [0, 1000],
      tiers: [
        eafTier('anna', [aligned('a1', 1, 2, 'one')]),
        eafTier('pos', [referring('a2', 'a1', 'N')], 'PARENT_REF="anna"'),
        eafTier('gloss', [referring('a3', 'a1', 'ONE')], 'PARENT_REF="anna"'),
      ],
    }),
  );
  assert.deepEqual(tiersOf(read), { anna: ['0 1 one'], '*pos': ['0 1 N'], '*gloss': ['0 1 ONE'] });
});

test.run();
