import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { inlineCode, ROOT_DIR, readFile, tableRows } from './markdown.ts';

const losses = tableRows(
  readFile('docs/engine-losses.md'),
  'what',
  'by itself',
  'what the user sees',
  'test',
);

test('each loss of an engine names what the user sees of it, or that it cannot happen, and the tests that hold it', () => {
  assert.ok(losses.length > 40);
  for (const [what = '', , seen = '', tests = ''] of losses) {
    assert.match(seen, /\b[EW]_[A-Z]|\bnothing\b/, what);
    assert.notEqual(tests, '', what);
    assert.equal(tests.replace(/`tests\/[\w./-]+\.test\.ts`(, )?/g, ''), '', what);
    for (const file of inlineCode(tests))
      assert.ok(existsSync(path.join(ROOT_DIR, file)), `${what}: ${file}`);
  }
});

test.run();
