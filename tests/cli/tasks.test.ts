import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { type Finding, findingAt } from '../../src/base/finding.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli, runJson } from './run-cli.ts';

const test = suite<{ site: Site }>('commands about tasks');

test.before(async (context) => {
  context.site = await createSite();
});

test.after(async ({ site }) => {
  await site[Symbol.asyncDispose]();
});

interface TaskDocument {
  readonly taskId: string;
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly faults: readonly Finding[];
  readonly history: readonly { readonly to: string; readonly fence: number }[];
  readonly fileList: readonly object[];
  readonly inputDir: string;
  readonly resultPath: string | null;
  readonly logPath: string | null;
  readonly queuePlace: { readonly ahead: number } | null;
}

async function failTask(site: Site, taskId: string, code: string, message: string): Promise<void> {
  await site.sql.query(
    "UPDATE tasks SET task_status = 'failed', error_code = $2, error_message = $3 WHERE task_id = $1",
    [taskId, code, message],
  );
}

/** What a worker would write. */
async function completeTask(site: Site, taskId: string): Promise<void> {
  await site.sql.query(
    `UPDATE tasks SET task_status = 'processing', fence = fence + 1, attempts = 1, instance = 'gone', stage = 'align',
     started_at = now() WHERE task_id = $1`,
    [taskId],
  );
  await site.sql.query(
    "UPDATE tasks SET task_status = 'completed', download_path = 'ann/otp/x/1/x.zip' WHERE task_id = $1",
    [taskId],
  );
}

test('status counts tasks and says that no worker runs', async ({ site }) => {
  await site.addTask('one');
  const { exitCode, document } = await runJson<{
    tasks: Record<string, number>;
    queue: { engine: string; ready: number }[];
    instances: object[];
    running: object[];
    hints: string[];
  }>(['status'], site.env);
  assert.equal(exitCode, 0);
  assert.deepEqual(document.tasks, { uploaded: 1 });
  assert.equal(document.queue[0]?.engine, 'TRIVIAL');
  assert.equal(document.queue[0]?.ready, 1);
  assert.deepEqual(document.instances, []);
  assert.deepEqual(document.running, []);
  assert.deepEqual(document.hints, ['no worker is running: start one with "make worker"']);
  const { stdout } = await runCli(['status'], site.env);
  assert.match(stdout, /uploaded +1\n/);
  assert.match(stdout, /no worker is running: start one with "make worker"\n$/);
});

test('a task that waits for its time is shown with it, and counted apart', async ({ site }) => {
  const taskId = await site.addTask('one');
  await site.sql.query("UPDATE tasks SET not_before = '2999-03-01T22:00:00Z' WHERE task_id = $1", [taskId]);
  const env = { ...site.env, TZ: 'UTC' };
  const [shown, listed, status, { document }] = await Promise.all([
    runCli(['show', taskId], env),
    runCli(['list', '--status', 'uploaded'], env),
    runCli(['status'], env),
    runJson<{ notBefore: string }>(['show', taskId], env),
  ]);
  assert.match(shown.stdout, /\nnow {9}not before 2999-03-01 22:00 \+0000\n/);
  assert.match(listed.stdout, /not before 2999-03-01 22:00 \+0000\n/);
  assert.match(status.stdout, /for later {2}next of them\n.* 1 {2}2999-03-01 22:00 \+0000\n/);
  assert.equal(document.notBefore, '2999-03-01T22:00:00.000Z');
  await site.sql.query('DELETE FROM tasks WHERE task_id = $1', [taskId]);
});

test('an engine that a worker cannot run is shown with the reason, also at the tasks that wait for it', async ({
  site,
}) => {
  const engines = {
    SPHINX: { state: 'ready', version: '1', note: 'well' },
    TRIVIAL: { state: 'sick', version: null, note: 'it hurts' },
    FASE: { state: 'off', version: null, note: 'FASE is not set' },
  };
  await site.sql.query(
    // It counts as running for half a minute after this time.
    `INSERT INTO instances (id, host, pid, version, slots, engines, seen_at)
     VALUES ('0f91b185', 'lab', 7, '1', 2, $1, now() + interval '1 hour')`,
    [JSON.stringify(engines)],
  );
  try {
    const taskId = await site.addTask('one');
    const [status, shown] = await Promise.all([
      runCli(['status'], site.env),
      runCli(['show', taskId], site.env),
    ]);
    assert.match(status.stdout, /0f91b185 +lab .* SPHINX\n/);
    assert.match(status.stdout, /\n {2}0f91b185 cannot run TRIVIAL: it hurts\n/);
    assert.doesNotMatch(status.stdout, /FASE/);
    const why =
      /no running worker has engine TRIVIAL; run "bin\/autophon doctor" where it should run \(lab: it hurts\)/;
    assert.match(status.stdout, why);
    assert.match(shown.stdout, why);
  } finally {
    await site.sql.query('DELETE FROM instances');
  }
});

test('show accepts the start of an id, and prints history, place in the queue and paths on disk', async ({
  site,
}) => {
  const first = await site.addTask('one', { priority: 5 });
  const second = await site.addTask('two', { priority: 4 });
  const { exitCode, document } = await runJson<TaskDocument>(['show', second.slice(0, 8)], site.env);
  assert.equal(exitCode, 0);
  assert.equal(document.taskId, second);
  assert.deepEqual(
    document.history.map(({ to }) => to),
    ['uploaded'],
  );
  assert.equal(document.queuePlace?.ahead, 1);
  assert.equal(document.inputDir, `${site.uploadsDir}/ann/upl/${second}`);
  const { stdout } = await runCli(['show', first], site.env);
  assert.ok(stdout.startsWith(`task ${first}  uploaded\n`));
});

test('show and status print the time left of a running task, and that a cleanup is still to be done', async ({
  site,
}) => {
  const taskId = await site.addTask('one');
  await site.sql.query(
    `UPDATE tasks SET task_status = 'processing', stage = 'align', progress = 0.25, fence = 1, instance = gen_random_uuid(),
       started_at = now() - interval '100 s' WHERE task_id = $1`,
    [taskId],
  );
  const shown = await runCli(['show', taskId], site.env);
  assert.match(shown.stdout, /^now +align, 25 % done, about 5 min \d+ s left$/m);
  assert.match(shown.stdout, /^ {2}1 +align +running$/m);
  const status = await runCli(['status'], site.env);
  assert.match(status.stdout, /25 % +5 min \d+ s/);
  await site.sql.query(
    `UPDATE tasks SET task_status = 'completed', stage = 'cleanup', progress = 1, download_path = 'one.zip', finished_at = now()
     WHERE task_id = $1`,
    [taskId],
  );
  const ended = await runCli(['show', taskId], site.env);
  assert.match(ended.stdout, /^ {2}1 +cleanup +not done yet$/m);
});

test('show of a failed task has every fault on a line of its own', async ({ site }) => {
  const taskId = await site.addTask('one');
  await failTask(site, taskId, 'E_AUDIO_CUT_SHORT', 'a.wav: cut short\nb.wav: cut short');
  const faults = ['a.wav', 'b.wav'].map((file) => findingAt('E_AUDIO_CUT_SHORT', { file }, 'cut short'));
  await site.sql.query('UPDATE tasks SET faults = $2 WHERE task_id = $1', [taskId, JSON.stringify(faults)]);
  const { stdout } = await runCli(['show', taskId], site.env);
  assert.match(
    stdout,
    /\nError\n {2}E_AUDIO_CUT_SHORT {2}a\.wav: cut short\n {2}E_AUDIO_CUT_SHORT {2}b\.wav: cut short\n/,
  );
  const { document } = await runJson<TaskDocument>(['show', taskId], site.env);
  assert.deepEqual(document.error, {
    code: 'E_AUDIO_CUT_SHORT',
    message: 'a.wav: cut short\nb.wav: cut short',
  });
  assert.deepEqual(document.faults, faults);
});

test('show names the log of the last attempt when there is one on this machine, and only then', async ({
  site,
}) => {
  const taskId = await site.addTask('one');
  await completeTask(site, taskId);
  const { id, claim } = await site.row(taskId);
  const shown = async () => {
    const [text, json] = await Promise.all([
      runCli(['show', taskId], site.env),
      runJson<TaskDocument>(['show', taskId], site.env),
    ]);
    return [/^log +(.*)$/m.exec(text.stdout)?.[1] ?? null, json.document.logPath];
  };
  assert.deepEqual(await shown(), [null, null]);
  const log = path.join(site.env['LOGS'] ?? '', 'tasks', `${taskId}.${id}.${claim}.log`);
  await mkdir(path.dirname(log), { recursive: true });
  await writeFile(log, 'said by the engine');
  assert.deepEqual(await shown(), [log, log]);
});

test('show of a completed task prints the full path of the zip, and each file with its receipt', async ({
  site,
}) => {
  const taskId = await site.addTask('one');
  await completeTask(site, taskId);
  await site.sql.query(
    `INSERT INTO task_files (task, kind, path, original_name, sha256, bytes, deleted_at)
     SELECT id, 'audio', task_path || '/talk1.wav', E'talk\\u001b[2J\\n1.wav', repeat('a', 64), 12345, now()
     FROM tasks WHERE task_id = $1`,
    [taskId],
  );
  const { stdout } = await runCli(['show', taskId], site.env);
  assert.ok(stdout.includes(`result      ${site.uploadsDir}/ann/otp/x/1/x.zip\n`));
  assert.match(stdout, /audio +talk\\x1b\[2J\\n1\.wav +12\.1 KiB +aaaaaaaaaaaa +deleted \d{4}-/);
  const { document } = await runJson<TaskDocument>(['show', taskId], site.env);
  assert.equal(document.resultPath, `${site.uploadsDir}/ann/otp/x/1/x.zip`);
  assert.equal(document.fileList.length, 1);
});

test('an unknown task or an ambiguous id is a mistake of the caller', async ({ site }) => {
  for (const taskId of ['same-1', 'same-2']) {
    await site.sql.query("INSERT INTO tasks (task_id, user_uuid) VALUES ($1, 'ann')", [taskId]);
  }
  const [none, several] = await Promise.all([
    runCli(['show', 'zzz'], site.env),
    runCli(['show', 'same'], site.env),
  ]);
  assert.equal(none.exitCode, 2);
  assert.match(none.stderr, /no task "zzz"/);
  assert.equal(several.exitCode, 2);
  assert.match(several.stderr, /several tasks begin with "same": same-1, same-2/);
});

test('retry queues failed and cancelled tasks again, and refuses those that are neither', async ({
  site,
}) => {
  const failed = await site.addTask('one');
  await failTask(site, failed, 'E_IO', 'the disk went away');
  const waiting = await site.addTask('two');
  const result = await runCli(['retry', failed.slice(0, 10)], site.env);
  assert.equal(result.exitCode, 0);
  assert.equal(result.stdout, `queued task ${failed} again\n`);
  assert.equal((await site.row(failed)).task_status, 'uploaded');

  await failTask(site, failed, 'E_IO', 'again');
  const { exitCode, document } = await runJson(['retry', failed, waiting], site.env);
  assert.equal(exitCode, 2);
  assert.deepEqual(document, { queued: [failed], refused: [{ taskId: waiting, status: 'uploaded' }] });
});

test('retry --partial accepts partial results for this task', async ({ site }) => {
  const failed = await site.addTask('one');
  await failTask(site, failed, 'E_NOT_ALIGNED', 'nothing came out');
  assert.equal((await site.row(failed))['partial_results'], null);
  assert.equal((await runCli(['retry', failed, '--partial'], site.env)).exitCode, 0);
  assert.equal((await site.row(failed))['partial_results'], 'allow');
});

test('retry --code queues all tasks that failed with one code, and no other', async ({ site }) => {
  const [full, other, cancelled] = [
    await site.addTask('one'),
    await site.addTask('one'),
    await site.addTask('one'),
  ];
  await failTask(site, full, 'E_DISK_FULL', 'no room');
  await failTask(site, other, 'E_INTERNAL', 'a fault');
  // Its first attempt ended with this; then its user cancelled it.
  await site.sql.query(
    "UPDATE tasks SET error_code = 'E_DISK_FULL', error_message = 'no room', cancel_requested = true WHERE task_id = $1",
    [cancelled],
  );
  const { exitCode, document } = await runJson(['retry', '--code', 'E_DISK_FULL'], site.env);
  assert.equal(exitCode, 0);
  assert.deepEqual(document, { queued: [full], refused: [] });
  assert.equal((await site.row(other)).task_status, 'failed');
  assert.equal((await site.row(cancelled)).task_status, 'cancelled');
  const again = await runCli(['retry', '--code', 'E_DISK_FULL'], site.env);
  assert.equal(again.stdout, 'no task has failed with E_DISK_FULL\n');
});

test('a task that failed with a code of an earlier version is listed by that code and by its successor, and tried again', async ({
  site,
}) => {
  const failed = await site.addTask('one');
  await failTask(site, failed, 'E_TEXTGRID_OVERLAP', 'two intervals overlap');
  assert.match(
    (await runCli(['show', failed], site.env)).stdout,
    /E_TEXTGRID_OVERLAP {2}two intervals overlap/,
  );
  for (const code of ['E_TEXTGRID_OVERLAP', 'E_TRANSCRIPT_OVERLAP']) {
    const { document: list } = await runJson(['list', '--code', code], site.env);
    assert.deepEqual(
      (list as { tasks: { taskId: string }[] }).tasks.map(({ taskId }) => taskId),
      [failed],
    );
  }
  const { exitCode, document } = await runJson(['retry', '--code', 'E_TRANSCRIPT_OVERLAP'], site.env);
  assert.deepEqual([exitCode, document], [0, { queued: [failed], refused: [] }]);
});

test('retry with an unknown task changes none of the others', async ({ site }) => {
  const failed = await site.addTask('one');
  await failTask(site, failed, 'E_IO', 'x');
  const { exitCode } = await runCli(['retry', failed, 'nosuch'], site.env);
  assert.equal(exitCode, 2);
  assert.equal((await site.row(failed)).task_status, 'failed');
});

test('cancel ends a waiting task, and names the status of an ended one', async ({ site }) => {
  const taskId = await site.addTask('one');
  const first = await runCli(['cancel', taskId], site.env);
  assert.equal(first.exitCode, 0);
  assert.equal(first.stdout, `cancelled task ${taskId}\n`);
  assert.equal((await site.row(taskId)).task_status, 'cancelled');
  const second = await runCli(['cancel', taskId], site.env);
  assert.equal(second.exitCode, 2);
  assert.match(second.stderr, /is cancelled; expected uploaded or processing/);
});

test.run();
