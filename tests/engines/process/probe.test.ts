import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'uvu';
import { probe } from '../../../src/engines/process/probe.ts';

const ACTOR = path.resolve(import.meta.dirname, '../../fixtures/bin/proc-actor.mjs');
const neverAborted = new AbortController().signal;

function ask(...actions: string[]) {
  return probe([process.execPath, ACTOR, ...actions], {}, neverAborted);
}

test('reports how a program ended and its output, without blank lines', async () => {
  assert.deepEqual(await ask('out', ' version 3 \n\n', 'err', 'careful\n', 'exit', '4'), {
    isFound: true,
    exitCode: 4,
    lines: ['version 3', 'careful'],
  });
});

test('a program whose file is missing is not found', async () => {
  const { isFound, lines } = await probe(['no-such-program'], { PATH: '/usr/bin' }, neverAborted);
  assert.equal(isFound, false);
  assert.deepEqual(lines, ['no-such-program: cannot be started: not found on PATH']);
});

test('a launcher that says that it cannot find its program has not found it', async () => {
  const { isFound } = await ask('err', 'env: no such file or directory\n', 'exit', '127');
  assert.equal(isFound, false);
});

test('a program that writes without end is ended, and its output does not fill the memory', async () => {
  const { isFound, exitCode, lines } = await ask('lines', '200000', 'y', 'hang');
  assert.deepEqual([isFound, exitCode], [true, null]);
  assert.ok(lines.length <= 1001, `${lines.length} lines`);
  assert.match(lines.at(-1) ?? '', /found more than 1000; it was ended/);
});

test.run();
