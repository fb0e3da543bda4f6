import assert from 'node:assert/strict';
import { test } from 'uvu';
import { findProblems } from '../../src/page/operator/find-problems.ts';
import type { Instance, Statistics } from '../../src/page/types.ts';

const QUIET: Statistics = { bucket_seconds: 60, waiting: [], buckets: [], failures: [] };
const WORKER: Instance = {
  ...{
    id: 'w1',
    host: 'lab',
    pid: 7,
    version: '1.0.0',
    started_at: '2026-03-01T10:00:00Z',
    slots: 2,
    busy: 0,
  },
  ...{ engines: { SPHINX: { state: 'ready', note: null } }, paused: null, paused_since: null },
};

const waiting = (engine: string, ready: number, oldestSec: number | null): Statistics => ({
  ...QUIET,
  waiting: [{ engine, ready, delayed: 0, oldest_waits_sec: oldestSec, later: 0 }],
});
const ended = (completed: number, failed: number, failures: Statistics['failures']): Statistics => ({
  ...QUIET,
  buckets: [
    { at: '2026-03-01T10:00:00Z', completed, failed: 0, cancelled: 0 },
    { at: '2026-03-01T10:01:00Z', completed: 0, failed, cancelled: 0 },
  ],
  failures,
});
const textsOf = (statistics: Statistics, instances: readonly Instance[]): string[] =>
  findProblems(statistics, instances).map(({ text }) => text);

test('a worker and an empty queue are no problem', () => {
  assert.deepEqual(findProblems(QUIET, [WORKER]), []);
});

test('without a worker, only that is shown, and how to start one', () => {
  const [problem, ...others] = findProblems(waiting('SPHINX', 3, 4000), []);
  assert.equal(problem?.text, 'No worker runs, so no task is aligned.');
  assert.match(problem?.fix ?? '', /make worker/);
  assert.deepEqual(others, []);
});

test('tasks that no worker can align are named with their engine, and with why it is not ready', () => {
  const engines = {
    SPHINX: { state: 'ready', note: null },
    MFA2: { state: 'missing', note: 'no mfa in PATH' },
  };
  const [problem] = findProblems(waiting('MFA2', 3, 1200), [{ ...WORKER, engines }]);
  assert.equal(problem?.text, '3 tasks wait for 20 min: no worker has the engine MFA2.');
  assert.match(problem?.fix ?? '', /^no mfa in PATH\. Start a worker/);
  assert.equal(problem?.tasks, '/operator?state=waiting');
});

test('a worker that is too old to report its engines counts as having none', () => {
  assert.deepEqual(textsOf(waiting('SPHINX', 1, null), [{ ...WORKER, engines: null }]), [
    '1 task waits: no worker has the engine SPHINX.',
  ]);
});

test('a queue is long from ten minutes on, and the slots of all workers that can help are counted', () => {
  const deaf = { ...WORKER, id: 'w3', engines: {} };
  const workers = [WORKER, { ...WORKER, id: 'w2', slots: 4 }, deaf];
  assert.deepEqual(textsOf(waiting('SPHINX', 80, 599), workers), []);
  assert.deepEqual(textsOf(waiting('SPHINX', 80, 600), workers), [
    'The oldest of 80 tasks for SPHINX has waited for 10 min; 6 slots in all.',
  ]);
});

test('tasks that wait for the time of their next attempt are no problem', () => {
  const statistics = {
    ...QUIET,
    waiting: [{ engine: 'MFA2', ready: 0, delayed: 9, oldest_waits_sec: null, later: 0 }],
  };
  assert.deepEqual(findProblems(statistics, [WORKER]), []);
});

test('a paused worker is named with the reason', () => {
  const [problem] = findProblems(QUIET, [{ ...WORKER, paused: 'The disk is full.' }]);
  assert.deepEqual(problem, {
    text: 'The worker lab, process 7, takes no tasks.',
    fix: 'The disk is full.',
  });
});

test('failures are a problem when there are some and more than successes, with the code to look at', () => {
  const failures = [
    { code: 'E_AUDIO_EMPTY', count: 4 },
    { code: null, count: 1 },
  ];
  const [problem] = findProblems(ended(4, 2000, failures), [WORKER]);
  assert.equal(
    problem?.text,
    'More tasks failed (2,000) than were done (4), most of them with E_AUDIO_EMPTY.',
  );
  assert.equal(problem?.tasks, '/operator?state=failed&code=E_AUDIO_EMPTY');
  assert.deepEqual(findProblems(ended(5, 5, failures), [WORKER]), []);
  assert.deepEqual(findProblems(ended(0, 2, [{ code: 'E_AUDIO_EMPTY', count: 2 }]), [WORKER]), []);
});

test.run();
