import assert from 'node:assert/strict';
import { test } from 'uvu';
import { codeBlocks, plain, readFile, tableRows } from './markdown.ts';

const page = readFile('docs/task-states.md');
const tables = readFile('migrations/0001_tables.sql');
const guard = readFile('migrations/0002_guard.sql');

const edges = [
  ...bodyOf(guard, /INSERT INTO task_status_edges VALUES([^;]*);/).matchAll(/\('(\w+)', '(\w+)'\)/g),
].map(([, from = '', to = '']) => `${from} -> ${to}`);
const beginnings = words(bodyOf(guard, /NEW\.task_status NOT IN \(([^)]*)\)/));

test('each status has a line, and each line a status', () => {
  const documented = tableRows(page, 'status', 'meaning').map(([status]) => plain(status));
  const known = words(bodyOf(tables, /CONSTRAINT task_status_known CHECK \(\s*task_status IN \(([^)]*)\)/));
  assert.equal(known.length, 7);
  assert.deepEqual(documented.sort(), known.sort());
});

test('each allowed change has a line, and each line is allowed', () => {
  const documented = tableRows(page, 'from', 'to').map(([from, to]) => `${plain(from)} -> ${plain(to)}`);
  assert.equal(edges.length, 13);
  assert.deepEqual(documented.sort(), [...edges].sort());
});

test('the picture shows the same changes', () => {
  const [picture = ''] = codeBlocks(page, 'mermaid');
  const drawn = [...picture.matchAll(/(\S+) --> (\w+)/g)].map(([, from = '', to = '']) => `${from} -> ${to}`);
  const begun = beginnings.map((status) => `[*] -> ${status}`);
  assert.deepEqual(drawn.sort(), [...begun, ...edges].sort());
});

test('each stage has a line', () => {
  const known = words(bodyOf(tables, /CONSTRAINT stage_known CHECK \(stage IN \(([^)]*)\)/));
  assert.deepEqual(
    tableRows(page, 'stage', 'progress').map(([stage]) => plain(stage)),
    known,
  );
});

test.run();

function bodyOf(sql: string, pattern: RegExp): string {
  const [, body] = pattern.exec(sql) ?? [];
  assert.ok(body, String(pattern));
  return body;
}

function words(list: string): string[] {
  return [...list.matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
}
