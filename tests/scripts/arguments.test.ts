import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { suite } from 'uvu';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');

const test = suite('arguments of scripts');

test('an invalid number of workers is refused, and nothing is started', () => {
  for (const count of ['x', '0', '-1', '1.5', '']) {
    // The set-up counts as done, since it would fetch packages.
    const { status, stderr } = spawnSync('make', ['--old-file=install', 'workers', `N=${count}`], {
      cwd: ROOT_DIR,
      encoding: 'utf8',
    });
    assert.equal(status, 2, count);
    assert.match(stderr, /^make workers: N=.*: expected a whole number from 1/m);
  }
});

test('an unknown option of accuracy, bench, soak or test is reported in one line', () => {
  const programs = { accuracy: 'accuracy', bench: 'bench', soak: 'soak', 'run-tests': 'test' };
  for (const [file, program] of Object.entries(programs)) {
    const { status, stderr } = spawnSync(process.execPath, [`scripts/${file}.ts`, '--nonsense'], {
      cwd: ROOT_DIR,
      encoding: 'utf8',
    });
    assert.equal(status, 2, file);
    assert.equal(stderr, `${program}: Unknown option '--nonsense'\n`);
  }
});

test('an unknown option of the demo is reported, with the existing one', () => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/demo.ts', '--nonsense'], {
    cwd: ROOT_DIR,
    encoding: 'utf8',
  });
  assert.equal(status, 2);
  assert.match(stderr, /^E_USAGE {2}demo: Unknown option '--nonsense'\. The one option is --no-page\.\n$/);
});

test.run();
