import assert from 'node:assert/strict';
import { test } from 'uvu';
import { ERROR_CODES, type ErrorCode, TaskError } from '../../src/base/errors.ts';
import { decideFate } from '../../src/worker/outcome.ts';

const POLICY = { attemptLimit: 3, firstDelaySec: 15 };
const fateOf = (code: ErrorCode, attemptsUsed = 1) =>
  decideFate({ error: new TaskError(code, 'why') }, { attemptsUsed }, POLICY);

test('a fault that no second run can fix fails the task at once', () => {
  for (const [code, retry] of Object.entries(ERROR_CODES)) {
    if (retry !== 'never' || code === 'E_CANCELLED') continue;
    assert.equal(fateOf(code as ErrorCode).kind, 'failed', code);
  }
});

test('a passing fault is tried again after a delay that doubles', () => {
  const delays = [1, 2].map((attemptsUsed) => {
    const fate = fateOf('E_ENGINE_FAILED', attemptsUsed);
    assert.equal(fate.kind, 'retry');
    return fate.kind === 'retry' ? fate.delaySec : 0;
  });
  assert.deepEqual(delays, [15, 30]);
});

test('a passing fault fails the task when all attempts are used', () => {
  const fate = fateOf('E_ENGINE_FAILED', 3);
  assert.equal(fate.kind, 'failed');
});

test('the delay never grows past an hour', () => {
  const policy = { attemptLimit: 20, firstDelaySec: 600 };
  const fate = decideFate({ error: new TaskError('E_IO', 'x') }, { attemptsUsed: 15 }, policy);
  assert.equal(fate.kind === 'retry' && fate.delaySec, 3600);
});

test('a task whose engine cannot be started here is handed back for another instance', () => {
  assert.equal(fateOf('E_ENGINE_MISSING', 3).kind, 'handed back');
});

test('a stopping instance hands the task back', () => {
  assert.equal(fateOf('E_STOPPED', 3).kind, 'handed back');
});

test('a task that was cancelled or taken by another attempt is not written to', () => {
  assert.equal(fateOf('E_CANCELLED').kind, 'lost');
  assert.equal(fateOf('E_LEASE_LOST').kind, 'lost');
});

test.run();
