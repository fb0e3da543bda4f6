import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const HEAD = `import { suite } from ${JSON.stringify(import.meta.resolve('uvu'))}; const test = suite();\n`;
const PASSING = `${HEAD} test('one', () => {}); test('two', () => {}); test.run();`;

const test = suite('run-tests');
let dir = '';

test.before.each(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'autophon-run-tests-'));
});
test.after.each(() => rmSync(dir, { recursive: true, force: true }));

test('counts the tests of all files and ends with the counts alone on a line', () => {
  write('a', PASSING);
  write('b', `${HEAD} test('three', () => {}); test.skip('four', () => {}); test.run();`);
  const { status, lines } = run();
  assert.equal(lines.at(-1), '3 passed, 0 failed, 1 skipped');
  assert.equal(status, 0);
});

test('a failing test fails the run and shows all that its file printed', () => {
  write('a', PASSING);
  write(
    'b',
    `${HEAD} test('three', () => { console.log('a trace'); throw new Error('wrong'); }); test.run();`,
  );
  const { status, lines } = run();
  assert.equal(lines.at(-1), '2 passed, 1 failed');
  assert.ok(lines.some((line) => line.includes('a trace')));
  assert.equal(status, 1);
});

const BROKEN: Readonly<Record<string, string>> = {
  'cannot be loaded': `import './nowhere.ts';`,
  'has no test': `export const nothing = 1;`,
  'has an empty suite': `${HEAD} test.run();`,
  'never ends': `${HEAD} test('one', () => {}); test.run(); setInterval(() => {}, 1000);`,
  'has a test that never settles': `${HEAD} test('one', () => new Promise(() => {})); test.run();`,
  'throws after its tests': `${HEAD} test('one', () => {}); test.run(); setTimeout(() => { throw new Error('late'); }, 50);`,
  'has a hook that throws': `${HEAD} test.before(() => { throw new Error('hook'); }); test('one', () => {}); test.run();`,
  'leaves a program behind that holds its output': `import { spawn } from 'node:child_process';
    ${HEAD} test('one', () => { spawn('sleep', ['600'], { stdio: 'inherit' }).unref(); throw new Error('wrong'); }); test.run();`,
};

for (const [name, source] of Object.entries(BROKEN)) {
  test(`a file that ${name} is one failure, and the others run on`, () => {
    write('a', source);
    write('b', PASSING);
    const { status, lines } = run('--limit=2');
    assert.match(lines.at(-1) ?? '', /^[23] passed, 1 failed$/);
    assert.equal(status, 1);
  });
}

test('a part of a path picks the files to run; one that fits none is a failure', () => {
  write('one', PASSING);
  write('two', PASSING);
  assert.equal(run('tw').lines.at(-1), '2 passed, 0 failed');
  assert.equal(run('three').status, 1);
});

test.run();

function write(name: string, source: string): void {
  writeFileSync(path.join(dir, `${name}.test.ts`), source);
}

function run(...args: string[]): { status: number | null; lines: string[] } {
  const script = path.join(ROOT_DIR, 'scripts/run-tests.ts');
  const { status, stdout } = spawnSync(process.execPath, [script, `--dir=${dir}`, ...args], {
    encoding: 'utf8',
  });
  return { status, lines: stdout.trimEnd().split('\n') };
}
