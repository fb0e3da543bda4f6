import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'uvu';
import { inlineCode, ROOT_DIR, readFile, tableRows } from './markdown.ts';

const page = readFile('docs/engine-losses.md');

test('each loss of an engine names what the user sees, or that it cannot happen, and its tests', () => {
  const losses = tableRows(page, 'what', 'by itself', 'what the user sees', 'test');
  assert.ok(losses.length > 30);
  for (const [what = '', , seen = '', tests = ''] of losses) {
    assert.match(seen, /\b[EW]_[A-Z]|\bnothing\b/, what);
    assertTests(tests, what);
  }
});

test.run();

/** Tests are named as "make test" finds them: the path below `tests/`, without `.test.ts`. */
function assertTests(tests: string, row: string): void {
  assert.notEqual(tests, '', row);
  assert.equal(tests.replace(/`[\w/-]+`(, )?/g, ''), '', row);
  for (const name of inlineCode(tests)) {
    assert.ok(existsSync(path.join(ROOT_DIR, `tests/${name}.test.ts`)), `${row}: ${name}`);
  }
}
