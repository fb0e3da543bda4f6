import assert from 'node:assert/strict';
import { test } from 'uvu';
import type { Pause } from '../../src/db/pauses.ts';
import {
  type ActiveInstance,
  findWaitReason,
  NO_WORKER,
  type Workforce,
} from '../../src/tasks/wait-reason.ts';

const workforce = (
  instances: readonly ActiveInstance[],
  pauses: readonly Partial<Pause>[] = [],
): Workforce => ({
  instances,
  pauses: pauses as readonly Pause[],
});
const worker = (paused: string | null): ActiveInstance =>
  ({
    id: 'one',
    host: 'a',
    slots: 2,
    paused,
    engines: { SPHINX: { state: 'ready', version: '1', note: '' } },
  }) as unknown as ActiveInstance;

test('a task whose language names no engine is taken by any worker that has not paused', () => {
  assert.equal(findWaitReason(null, workforce([worker('the disk is full'), worker(null)])), null);
  assert.equal(
    findWaitReason(null, workforce([worker('the disk is full')])),
    'the workers for it have paused until disk and memory are above their limits (a: the disk is full)',
  );
  assert.equal(findWaitReason(null, workforce([])), NO_WORKER);
});

test('a task for an engine waits for a worker that has it', () => {
  assert.equal(findWaitReason('SPHINX', workforce([worker(null)])), null);
  assert.match(
    findWaitReason('MFA1', workforce([worker(null)])) ?? '',
    /^no running worker has engine MFA1; /,
  );
});

test('a pause is the reason for the tasks that it is about, and for no others', () => {
  const pause = (engine: string | null, instance: string | null): Pause => ({
    ...{ id: '1', engine, instance, host: instance === null ? null : 'a', is_drain: false },
    ...{ reason: 'new disk', paused_by: 'ann', paused_at: new Date(0) },
  });
  const reason = (...pauses: Pause[]) => findWaitReason('SPHINX', workforce([worker(null)], pauses)) ?? '';
  assert.match(
    reason(pause(null, null)),
    /^all tasks: paused by ann since \S+ \S+ \S+: new disk; "autophon resume"/,
  );
  assert.match(reason(pause('SPHINX', null)), /^tasks of engine SPHINX: paused by ann /);
  assert.match(
    reason(pause(null, 'one')),
    /^the workers for it are paused \(a: paused by ann since .*: new disk\)$/,
  );
  assert.match(reason(pause('SPHINX', 'one')), /^the workers for it are paused /);
  assert.equal(reason(pause('MFA1', null), pause(null, 'two'), pause('MFA1', 'one')), '');
});

test.run();
