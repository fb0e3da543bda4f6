import assert from 'node:assert/strict';
import { test } from 'uvu';
import { readTextGrid } from '../../src/formats/textgrid/read.ts';
import { makeWorkbook } from '../../testing/make-workbook.ts';
import { createPipelineBench, TASK_PATH } from '../../testing/pipeline.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { makeWav, sine } from '../../testing/wav.ts';
import { readZip } from '../../testing/zip.ts';
import { shown } from '../support/finding.ts';

const SOUND = makeWav({ sampleRateHz: 16_000, samples: sine(200, 16_000, 4) });

const taskWith = (columns: string) => ({
  taskId: 'task',
  userUuid: 'ann',
  lang: TRIVIAL_LANGUAGE,
  engine: null,
  taskPath: TASK_PATH,
  columns,
});

/** Aligns a table with recordings. @returns the labels of each tier with text, by recording */
async function align(
  table: string | Uint8Array,
  { file = 'all.csv', recordings = ['a', 'b'], columns = '' } = {},
) {
  await using bench = await createPipelineBench();
  for (const name of recordings) await bench.add(`${name}.wav`, SOUND);
  await bench.add(file, table);
  const packaged = await bench.run({ task: taskWith(columns) });
  const zip = await readZip(packaged.zipPath);
  const tiers = recordings.map((name) =>
    readTextGrid(zip.get(`ARPAbet/${name}.TextGrid`) ?? '', name).tiers.map((tier) => {
      const intervals = tier.kind === 'interval' ? tier.intervals : [];
      return `${tier.name}: ${intervals.flatMap(({ text }) => (text === '' ? [] : [text])).join(', ')}`;
    }),
  );
  return { ...packaged, tiers };
}

test('a table of many recordings is aligned with each of them', async () => {
  const { tiers, warnings } = await align(
    'file;speaker;begin;end;text\nB.wav;Ben;0;1,5;one\nA;Anna;0;2;two, one\nA;Ben;1;3;three\nA;Anna;2;4;one\n',
  );
  assert.deepEqual(
    tiers.map((all) => all.filter((tier) => !tier.includes('phone'))),
    [
      [
        'Anna - word: two, one, one',
        'Anna - trans: two, one, one',
        'Ben - word: three',
        'Ben - trans: three',
      ],
      ['Ben - word: one', 'Ben - trans: one'],
    ],
  );
  assert.deepEqual(warnings, []);
});

test('a table without times is aligned line by line', async () => {
  const { tiers } = await align('file,text\na,one two\nb,three\na,two\n');
  assert.deepEqual(
    tiers.map((all) => all.at(-1)),
    ['speaker - trans: one two, two', 'speaker - trans: three'],
  );
});

test('a workbook is aligned like any other table', async () => {
  const rows = [
    ['file', 'speaker', 'begin', 'end', 'text'],
    ['a.wav', 'Anna', 0, 1.5, 'one two'],
    ['b.wav', 'Ben', 1, 2, 'three'],
  ];
  const { tiers } = await align(makeWorkbook({ sheets: [{ rows }] }), { file: 'all.xlsx' });
  assert.deepEqual(
    tiers.map((all) => all.at(-1)),
    ['Anna - trans: one two', 'Ben - trans: three'],
  );
});

test('words and phones of a table are recognised as an earlier alignment', async () => {
  const rows = ['one', 'two', 'three', 'one', 'two'].flatMap((word, at) => [
    `${at * 0.2},${at * 0.2 + 0.2},${word},words,Anna`,
    `${at * 0.2},${at * 0.2 + 0.2},AH,phones,Anna`,
  ]);
  const { tiers, warnings } = await align(`Begin,End,Label,Type,Speaker\n${rows.join('\n')}\n`, {
    file: 'a.csv',
    recordings: ['a'],
  });
  assert.ok(warnings.some(({ code }) => code === 'W_ALIGNED_BEFORE'));
  assert.ok(tiers[0]?.includes('Anna - trans: one two three one two'), tiers[0]?.join('\n'));
});

test('overlaps within one speaker are reported with the row', async () => {
  await using bench = await createPipelineBench();
  await bench.add('a.wav', SOUND);
  await bench.add('a.csv', 'begin,end,text\n0,2,one\n1,3,two\n');
  const [fault] = await bench.faults();
  assert.match(
    `${fault?.code} ${shown(fault)}`,
    /^E_TRANSCRIPT_OVERLAP a\.csv line 3 \(1\.00 s\): .* of line 2 /,
  );
});

test('columns whose names are not known are those that the task says', async () => {
  const columns = 'file=A,begin=Anfang,end=3,text=Text (bereinigt)';
  const rows: readonly string[][] = [
    ['Aufnahme', 'Anfang', 'Schluss', 'Text', 'Text (bereinigt)'],
    ['a', '0', '2', 'zzz', 'one two'],
    ['b', '1', '3', 'zzz', 'three'],
  ];
  const csv = rows.map((row) => row.join(';')).join('\n');
  const expected = ['speaker - trans: one two', 'speaker - trans: three'];
  for (const [table, file] of [
    [csv, 'all.csv'],
    [makeWorkbook({ sheets: [{ name: 'Rows', rows }] }), 'all.xlsx'],
  ] as const) {
    const { tiers } = await align(table, { file, columns });
    assert.deepEqual(
      tiers.map((all) => all.at(-1)),
      expected,
    );
  }
});

test('a task whose choice of columns cannot be read is refused', async () => {
  await using bench = await createPipelineBench();
  await bench.add('a.wav', SOUND);
  await bench.add('all.csv', 'x;y\n');
  const [fault] = await bench.faults({ task: taskWith('text: A') });
  assert.equal(fault?.code, 'E_COLUMNS');
  assert.match(shown(fault), /found "text: A"; write them such as file=A,begin=Start/);
});

test.run();
