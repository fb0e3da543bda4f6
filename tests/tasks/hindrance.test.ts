import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findHindrance, type Instance, NO_WORKER } from '../../src/tasks/hindrance.ts';

const worker = (paused: string | null): Instance =>
  ({
    host: 'a',
    slots: 2,
    paused,
    engines: { SPHINX: { state: 'ready', version: '1', note: '' } },
  }) as unknown as Instance;

test('a task whose language names no engine is taken by any worker that has not paused', () => {
  assert.equal(findHindrance(null, [worker('no room'), worker(null)]), null);
  assert.equal(
    findHindrance(null, [worker('no room')]),
    'the workers for it have paused until there is room (a: no room)',
  );
  assert.equal(findHindrance(null, []), NO_WORKER);
});

test('a task for an engine waits for a worker that has it', () => {
  assert.equal(findHindrance('SPHINX', [worker(null)]), null);
  assert.match(findHindrance('MFA1', [worker(null)]) ?? '', /^no running worker has engine MFA1; /);
});

test.run();
