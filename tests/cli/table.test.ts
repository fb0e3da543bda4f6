import assert from 'node:assert/strict';
import { test } from 'uvu';
import { formatTable } from '../../src/cli/table.ts';
import { displayWidth } from '../../src/cli/terminal-text.ts';

test('columns line up, also with wide and combining characters', () => {
  const lines = formatTable(
    [{ title: 'name' }, { title: 'words', align: 'right' }],
    [
      ['日本語', '7'],
      ['cafe\u0301', '12'],
    ],
  );
  assert.deepEqual(lines, ['name    words', '日本語      7', 'cafe\u0301       12']);
});

test('a line break in a cell cannot forge a row', () => {
  const lines = formatTable([{ title: 'file' }], [['a\ntask completed']]);
  assert.deepEqual(lines, ['file', 'a\\ntask completed']);
});

test('when a table is too wide, the column that may shrink is cut', () => {
  const columns = [{ title: 'id' }, { title: 'note', shrinks: true }, { title: 'end' }];
  const lines = formatTable(columns, [['1', 'a very long note about something', 'x']], 30);
  assert.ok(lines.every((line) => displayWidth(line) <= 30));
  assert.match(lines[1] ?? '', /^1 {3}a very long .*… {2}x$/);
});

test('if that is not enough the widest columns are cut, and a table fits into 60 columns', () => {
  const columns = ['task', 'user', 'language', 'stage'].map((title) => ({ title }));
  const lines = formatTable(columns, [['3f2a9c1e', 'u'.repeat(70), 'engUS_SPHINX_v010', 'align']], 60);
  assert.ok(lines.every((line) => displayWidth(line) <= 60));
  assert.match(lines[1] ?? '', /^3f2a9c1e {2}u+… {2}engUS_SPHINX_v010 {2}align$/);
});

test('a column that may not shrink stays whole as long as others can shrink more', () => {
  const columns = [
    { title: 'user', shrinks: true },
    { title: 'made' },
    { title: 'language', shrinks: true },
    { title: 'left' },
  ];
  const lines = formatTable(
    columns,
    [['u'.repeat(20), '2026-03-01 15:54 +0100', 'l'.repeat(20), '12 min 3 s']],
    54,
  );
  assert.match(lines[1] ?? '', /^u+… {2}2026-03-01 15:54 \+0100 {2}l+… {2}12 min 3 s$/);
});

test('a table that is too wide only for its titles has a heading of several lines, and keeps its cells', () => {
  const columns = [
    { title: 'user', shrinks: true },
    { title: 'oldest waits sec', align: 'right' as const },
    { title: 'failed last day', align: 'right' as const },
  ];
  assert.deepEqual(formatTable(columns, [['demo-one', '7', '0']], 30), [
    '             oldest    failed',
    'user      waits sec  last day',
    'demo-one          7         0',
  ]);
});

test.run();
