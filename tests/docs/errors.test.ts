import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'uvu';
import { ERROR_CODES, FORMER_CODES } from '../../src/base/errors.ts';
import {
  codeBlocks,
  inlineCode,
  listPages,
  plain,
  ROOT_DIR,
  readFile,
  section,
  tableRows,
} from './markdown.ts';

const page = readFile('docs/errors.md');
/** Those of the input have one class, which the page says above its table. */
const ofInput = tableRows(section(page, '## The input'), 'code', 'meaning', 'what to do');
const errors = [
  ...ofInput.map(([code = '', ...rest]) => [code, 'never', ...rest]),
  ...tableRows(page, 'code', 'class', 'meaning', 'what to do'),
];
const warnings = [
  ...tableRows(readFile('docs/results.md'), 'warning', 'what it means for you'),
  // Codes that only the operator sees.
  ...tableRows(section(page, '## Warnings'), 'code', 'meaning'),
];
const declaration = readFile('src/base/errors.ts');
const WARNING_CODES = readUnion('WarningCode');
/** The source of the program, without the list of warnings itself. */
const sources = globSync('src/**/*.ts', { cwd: ROOT_DIR })
  .map(readFile)
  .join('\n')
  .replace(/^export type WarningCode =[^;]*;/m, '');

test('each error code has one line, with its class, and each line a code', () => {
  const documented = errors.map(([code, retryClass]) => [plain(code), plain(retryClass)]);
  assert.deepEqual(documented.sort(), Object.entries(ERROR_CODES).sort());
});

test('each code of earlier versions has one line, with the code that took its place', () => {
  const documented = tableRows(page, 'former code', 'now').map(([former, now]) => [
    plain(former),
    plain(now),
  ]);
  assert.deepEqual(documented, Object.entries(FORMER_CODES));
});

test('each class is explained', () => {
  const explained = tableRows(page, 'class', 'what happens to the task').map(([name]) => plain(name));
  assert.deepEqual(explained.sort(), readUnion('RetryClass').sort());
});

test('each warning has one line in the page for its readers, and each line a warning', () => {
  assert.ok(WARNING_CODES.length > 0);
  assert.deepEqual(warnings.map(([code]) => plain(code)).sort(), WARNING_CODES.sort());
});

test('a code is marked as not raised exactly when the program never raises it', () => {
  const lines = [...errors.map(([code, , meaning]) => [code, meaning]), ...warnings];
  for (const [code, meaning = ''] of lines) {
    const isRaised = sources.includes(`'${plain(code)}'`);
    assert.equal(meaning.includes('not raised'), !isRaised, code);
  }
});

test('no page names a code that does not exist', () => {
  const known = new Set([...Object.keys(ERROR_CODES), ...Object.keys(FORMER_CODES), ...WARNING_CODES]);
  for (const name of listPages()) {
    const text = readFile(name);
    const code = [...inlineCode(text), ...codeBlocks(text, 'sql'), ...codeBlocks(text, 'sh')].join('\n');
    for (const [found] of code.matchAll(/\b[EW]_[A-Z]+(?:_[A-Z]+)*\b/g)) {
      assert.ok(known.has(found), `${name}: ${found}`);
    }
  }
});

test.run();

/** The values of a type that is a union of texts. Types do not exist when the program runs. */
function readUnion(name: string): string[] {
  const [, body = ''] = new RegExp(`^export type ${name} =([^;]*);`, 'm').exec(declaration) ?? [];
  return [...body.matchAll(/'(\w+)'/g)].map(([, word = '']) => word);
}
