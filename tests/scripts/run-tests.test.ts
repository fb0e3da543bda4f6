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

/** What is wrong with a file, the expected message, and its source. */
const BROKEN: readonly (readonly [name: string, said: string, source: string])[] = [
  ['cannot-be-loaded', 'ended with code 1 before its tests were done', `import './nowhere.ts';`],
  ['has-no-test', 'ended before its tests were done', `export const nothing = 1;`],
  ['has-an-empty-suite', 'ran no test', `${HEAD} test.run();`],
  [
    'never-ends',
    'not done after 6 s',
    `${HEAD} test('one', () => {}); test.run(); setInterval(() => {}, 1000);`,
  ],
  [
    'never-settles',
    'before its tests were done',
    `${HEAD} test('one', () => new Promise(() => {})); test.run();`,
  ],
  [
    'throws-late',
    'ended with code 1',
    `${HEAD} test('one', () => {}); test.run(); setTimeout(() => { throw new Error('late'); }, 50);`,
  ],
  [
    'hook-throws',
    '',
    `${HEAD} test.before(() => { throw new Error('no'); }); test('one', () => {}); test.run();`,
  ],
  [
    'leaves-a-program-behind-that-holds-its-output',
    '',
    `import { spawn } from 'node:child_process';
     ${HEAD} test('one', () => { spawn('sleep', ['600'], { stdio: 'inherit' }).unref(); throw new Error('no'); }); test.run();`,
  ],
];

test('a file that breaks in any way is one failure, and the others run on', () => {
  for (const [name, , source] of BROKEN) write(name, source);
  write('good', PASSING);
  const { status, lines } = run('--limit=6');
  for (const [name, said] of BROKEN) {
    const line = lines.find(
      (candidate) => candidate.startsWith('FAIL') && candidate.includes(`${name}.test.ts`),
    );
    assert.match(line ?? '', new RegExp(` 1 failed .*${said}$`), name);
  }
  assert.equal(lines.at(-1), `4 passed, ${BROKEN.length} failed`);
  assert.equal(status, 1);
});

test('a test file that reaches its time limit says what it waits for', () => {
  const support = JSON.stringify(path.join(ROOT_DIR, 'testing/time-limits.ts'));
  write(
    'waits',
    `import { waitingFor } from ${support}; setInterval(() => {}, 1000);
     ${HEAD} test('one', () => waitingFor('the postman', new Promise(() => {}))); test.run();`,
  );
  const { lines } = run('--limit=1');
  assert.ok(
    lines.some((line) => /waits since [\d.]+ s for the postman$/.test(line)),
    lines.join('\n'),
  );
});

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
