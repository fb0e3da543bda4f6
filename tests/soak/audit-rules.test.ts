import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { checkCrashes } from '../../scripts/soak/audit/deaths.ts';
import type { EventRow, FinalRows, TaskRow } from '../../scripts/soak/audit/final-rows.ts';
import { checkLogs } from '../../scripts/soak/audit/log-rules.ts';
import { matchSubmissions } from '../../scripts/soak/audit/match-submissions.ts';
import { findStrayFiles } from '../../scripts/soak/audit/stray-files.ts';
import { checkFiles } from '../../scripts/soak/audit/task-files.ts';
import { BEHAVIOURS } from '../../scripts/soak/behaviours.ts';
import { InstanceLogs } from '../../scripts/soak/instance-logs.ts';
import { type Submission, Submissions } from '../../scripts/soak/submissions.ts';
import { inTemporaryDir } from '../../src/base/make-folder.ts';

const test = suite('what the audit of a soak finds');
const CREATED_AT = new Date(1_000);
const STEM = 'ann/upl/task-1/talk1-1';

const ROW = {
  id: '7',
  task_id: 'task-1',
  user_uuid: 'ann',
  task_path: 'ann/upl/task-1',
  task_status: 'failed',
  stage: null,
  fence: 2,
  claim: '2-0123abcd',
  attempts: 2,
  crashes: 1,
  download_path: null,
  created_at: CREATED_AT,
} as TaskRow;

function event(from: string, to: string, fence: number, instance: string, atMs: number, note = ''): EventRow {
  const common = { task: '7', stage: null, note };
  return { ...common, from_status: from, to_status: to, fence, instance, at: new Date(atMs) };
}

const TAKEN_OVER = [
  event('uploaded', 'processing', 1, 'a', 1_000),
  event('processing', 'processing', 2, 'b', 9_000),
];

function submission(state: Submission['state']): Submission {
  return {
    taskId: 'task-1',
    user: 'ann',
    taskPath: 'ann/upl/task-1',
    behaviour: BEHAVIOURS[0],
    stems: [STEM],
    createdAt: CREATED_AT,
    state,
    isWithdrawn: false,
    isStripped: false,
  };
}

function submissionsWith(...states: Submission['state'][]): Submissions {
  const submissions = new Submissions();
  for (const state of states) submissions.add(submission(state));
  return submissions;
}

function rowsWith(
  rows: readonly TaskRow[],
  toRemove: readonly string[] = [],
  instances: readonly string[] = [],
): FinalRows {
  return {
    tasks: rows,
    events: new Map(),
    files: new Map(),
    edges: new Set(),
    openJobCount: 0,
    instances: new Set(instances),
    toRemove,
  };
}

const killed = (atMs: number) => [{ atMs, slot: 1, instanceId: 'a', kind: 'killed' as const }];

test('a crash counts for a worker that was killed while it had the task or soon after, and for no other', () => {
  const check = (ends: ReturnType<typeof killed>) =>
    checkCrashes(ROW, TAKEN_OVER, { ends, isDeadly: false }, 3).length;
  assert.equal(check(killed(5_000)), 0);
  // The task was taken over at 9 s. A frozen worker may run it for 30 s more.
  assert.equal(check(killed(39_000)), 0);
  assert.equal(check(killed(39_001)), 1);
  assert.equal(check([]), 1);
});

test('E_CRASHED needs as many deaths as CRASH_LIMIT says', () => {
  const events = [...TAKEN_OVER, event('processing', 'failed', 2, 'b', 9_500, 'E_CRASHED: the worker died')];
  const check = (crashLimit: number) =>
    checkCrashes(ROW, events, { ends: killed(5_000), isDeadly: false }, crashLimit);
  assert.equal(check(1).length, 0);
  assert.match(check(3)[0]?.message ?? '', /after 1 deaths/);
});

test('missing tasks, returned tasks and unknown tasks are found', () => {
  const find = (submissions: Submissions, rows: readonly TaskRow[]) =>
    matchSubmissions(rowsWith(rows), submissions).violations.map(({ message }) => message);
  assert.deepEqual(find(submissionsWith('there'), [ROW]), []);
  assert.deepEqual(find(submissionsWith('lost'), []), []);
  assert.deepEqual(find(submissionsWith('there'), []), ['was submitted, and has no row']);
  assert.deepEqual(find(submissionsWith('deleted'), [ROW]), ['is deleted, and has a row']);
  assert.deepEqual(find(submissionsWith(), [ROW]), ['has a row, and was never submitted']);
});

test('a task that a server has forgotten together with its deletion is lost, one that it knows to be deleted is not', async () => {
  const reconcile = async (recorded: readonly string[], sinceMs: number) => {
    const submissions = submissionsWith('deleted');
    const ask = async (query: string) =>
      query.includes('deleted_tasks') ? recorded.map((task_id) => ({ task_id })) : [];
    await submissions.reconcile({ ask } as Parameters<Submissions['reconcile']>[0], sinceMs);
    return submissions.all[0]?.state;
  };
  assert.equal(await reconcile([], 0), 'lost');
  assert.equal(await reconcile(['task-1'], 0), 'deleted');
  assert.equal(await reconcile([], Date.now() + 60_000), 'deleted');
});

test('audio, result and log of a deleted task are found; those of a task that the server has forgotten are not a violation', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-audit-'));
  try {
    const dirs = { uploadsDir: `${dir}/uploads`, tempDir: `${dir}/temp`, logsDir: `${dir}/logs` };
    await mkdir(dirs.tempDir);
    const files = [
      `uploads/${STEM}.wav`,
      'uploads/ann/otp/task-1/7.1-0123abcd/task-1.zip',
      'logs/tasks/task-1.7.1-0123abcd.log',
    ];
    for (const file of files) {
      await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
      await writeFile(path.join(dir, file), '');
    }
    const find = async (state: Submission['state'], rows: readonly TaskRow[]) =>
      (
        await findStrayFiles(rowsWith(rows), submissionsWith(state), dirs, {
          instancePids: [],
          isHurried: false,
        })
      ).map(({ rule }) => rule);
    assert.deepEqual(await find('there', [ROW]), []);
    assert.deepEqual(await find('lost', []), []);
    assert.deepEqual(await find('deleted', []), Array(3).fill('nothing of a deleted task is left'));
    // A namesake has another row: the log is not its own.
    const namesake = { ...ROW, id: '8' };
    assert.equal((await find('deleted', [namesake])).length, 2);
    await mkdir(path.join(dirs.tempDir, 'stray'));
    assert.deepEqual(await find('there', [ROW]), ['no process, temp folder or file is left']);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test('the folder of a dead instance is found, unless the server has forgotten the instance', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-audit-'));
  try {
    const dirs = { uploadsDir: '/none', tempDir: dir, logsDir: '/none' };
    const own = `autophon-workspaces-${process.getuid?.()}`;
    await mkdir(path.join(dir, own, 'killed', '7.1-0f91b185'), { recursive: true });
    await mkdir(path.join(dir, own, 'idle'));
    const find = async (instances: readonly string[]) => {
      const found = await findStrayFiles(rowsWith([], [], instances), new Submissions(), dirs, {
        instancePids: [],
        isHurried: true,
      });
      return found.map(({ message }) => message).sort();
    };
    assert.deepEqual(await find(['killed']), [`temp/${own}/idle`, `temp/${own}/killed`]);
    assert.deepEqual(await find([]), [`temp/${own}/idle`]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

test('files that are still to be removed are found', async () => {
  await inTemporaryDir('autophon-audit-', async (tempDir) => {
    const dirs = { uploadsDir: '/none', tempDir, logsDir: '/none' };
    const found = await findStrayFiles(rowsWith([], ['task-1']), submissionsWith('deleted'), dirs, {
      instancePids: [],
      isHurried: false,
    });
    assert.deepEqual(
      found.map(({ message }) => message),
      ['its files are still to be removed'],
    );
  });
});

test('audio that is gone before its task is completed, and a receipt for existing audio, are found', async () => {
  const check = async (inputs: readonly string[], hasReceipt: boolean) => {
    const file = { task: '7', kind: 'audio', path: `${STEM}.wav`, sha256: null };
    const listed = [{ ...file, deleted_at: hasReceipt ? new Date() : null }];
    const given = { uploadsDir: '/none', adopted: new Set<string>() };
    return (await checkFiles(ROW, listed, [STEM], { inputs, results: [] }, given)).map(({ rule }) => rule);
  };
  const both = [`${STEM}.wav`, `${STEM}.TextGrid`];
  assert.deepEqual(await check(both, false), []);
  assert.deepEqual(await check([`${STEM}.TextGrid`], true), [
    'inputs are kept until success, audio deleted with a receipt after it',
  ]);
  assert.deepEqual(await check(both, true), ['a receipt is for a file that is gone']);
});

test('a result that a later attempt took over is known by the log of its instance', () => {
  const instanceLogs = new InstanceLogs();
  instanceLogs.add({ event: 'result.adopted', result: 'ann/res/1/task-1.zip' });
  assert.deepEqual([...instanceLogs.adopted], ['ann/res/1/task-1.zip']);
});

test('an attempt that a notification ended, and one that could not be settled, are found', () => {
  const instanceLogs = new InstanceLogs();
  instanceLogs.add({
    event: 'task.lost',
    taskId: 'task-1',
    reason: 'the task was cancelled, deleted or queued again',
  });
  const submissions = submissionsWith('there');
  assert.deepEqual(
    checkLogs(instanceLogs, submissions).map(({ rule }) => rule),
    ['a notification ends nothing'],
  );
  submissions.noteWithdrawal('task-1');
  assert.deepEqual(checkLogs(instanceLogs, submissions), []);
  instanceLogs.add({
    event: 'task.end_left_to_lease',
    taskId: 'task-1',
    error: 'invalid byte sequence for encoding "UTF8": 0x00',
  });
  assert.equal(checkLogs(instanceLogs, submissions).length, 2);
});

test.run();
