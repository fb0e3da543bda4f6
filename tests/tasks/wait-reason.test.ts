import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findWaitReason, type Instance, NO_WORKER } from '../../src/tasks/wait-reason.ts';

const worker = (paused: string | null): Instance =>
  ({
    host: 'a',
    slots: 2,
    paused,
    engines: { SPHINX: { state: 'ready', version: '1', note: '' } },
  }) as unknown as Instance;

test('a task whose language names no engine is taken by any worker that has not paused', () => {
  assert.equal(findWaitReason(null, [worker('the disk is full'), worker(null)]), null);
  assert.equal(
    findWaitReason(null, [worker('the disk is full')]),
    'the workers for it have paused until disk and memory are above their limits (a: the disk is full)',
  );
  assert.equal(findWaitReason(null, []), NO_WORKER);
});

test('a task for an engine waits for a worker that has it', () => {
  assert.equal(findWaitReason('SPHINX', [worker(null)]), null);
  assert.match(findWaitReason('MFA1', [worker(null)]) ?? '', /^no running worker has engine MFA1; /);
});

test.run();
