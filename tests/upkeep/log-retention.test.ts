import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { lutimes, mkdir, readdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { type Log, silentLog } from '../../src/base/log.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { type LogRetentionOptions, previewOldLogs, removeOldLogs } from '../../src/upkeep/log-retention.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';
import { runCli, runJson } from '../cli/run-cli.ts';

const test = suite('logs of attempts');
const DAY_SEC = 86_400;
let site: Site;
let db: Db;
let dir: string;
let options: LogRetentionOptions;

test.before.each(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'log retention test', maxConnections: 2 });
  const logsDir = path.join(site.dir, 'logs');
  dir = path.join(logsDir, 'tasks');
  await mkdir(dir, { recursive: true });
  options = { db, logsDir, keepSec: 30 * DAY_SEC, log: silentLog };
});
test.after.each(async () => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

test('logs of deleted, expired and emptied tasks are removed; those of failed and open ones stay until they are old', async () => {
  await addTask('failed', "task_status = 'failed', error_code = 'E_IO', error_message = 'x'");
  await addTask('cancelled', "task_status = 'cancelled'");
  await addTask('emptied', "task_status = 'cancelled'");
  await site.sql.query("UPDATE tasks SET inputs_deleted_at = now() WHERE task_id = 'emptied'");
  await addTask('expired', "task_status = 'expired'");
  await addTask('waiting');
  for (const name of [
    'failed.1',
    'failed.2',
    'cancelled.1',
    'emptied.1',
    'expired.1',
    'expired.12',
    'waiting.1',
  ])
    await addLog(`${name}.log`, 1);
  await addLog('deleted.1.log', 1);
  const removals = await removeOldLogs(options);
  assert.deepEqual(removals.map(({ file, why }) => `${plain(file)}: ${why}`).sort(), [
    'tasks/deleted.1.log: its task is deleted',
    'tasks/emptied.1.log: the files of its task are removed',
    'tasks/expired.1.log: the files of its task are removed',
    'tasks/expired.12.log: the files of its task are removed',
  ]);
  assert.deepEqual((await readdir(dir)).map(plain).sort(), [
    'cancelled.1.log',
    'failed.1.log',
    'failed.2.log',
    'waiting.1.log',
  ]);
});

test('logs of earlier versions, which have only the name of their task, are removed like the others', async () => {
  await addTask('failed', "task_status = 'failed', error_code = 'E_IO', error_message = 'x'");
  for (const name of ['failed.1.log', 'deleted.1.log', 'notes.log']) {
    await writeFile(path.join(dir, name), '');
    await utimes(path.join(dir, name), new Date(), new Date(Date.now() - 120_000));
  }
  const removals = await removeOldLogs(options);
  assert.deepEqual(
    removals.map(({ file, why }) => `${file}: ${why}`),
    ['tasks/deleted.1.log: its task is deleted'],
  );
});

test('old logs are removed, except those of open tasks; with KEEP_LOGS=0 age does not matter', async () => {
  await addTask('failed', "task_status = 'failed', error_code = 'E_IO', error_message = 'x'");
  await addTask('waiting');
  await addLog('failed.1.log', 31);
  await addLog('failed.2.log', 29);
  await addLog('waiting.1.log', 31);
  assert.deepEqual(await removeOldLogs({ ...options, keepSec: 0 }), []);
  const removals = await removeOldLogs(options);
  assert.deepEqual(
    removals.map(({ file, why }) => [plain(file), why]),
    [['tasks/failed.1.log', 'it is older than KEEP_LOGS']],
  );
});

test('a log that was just written stays, since the attempt of a deleted task may still be ending', async () => {
  await addLog('deleted.1.log', 0);
  assert.deepEqual(await removeOldLogs(options), []);
});

test('links, folders and files that are no logs of attempts are left alone', async () => {
  const outside = path.join(site.dir, 'outside');
  await mkdir(outside);
  await writeFile(path.join(outside, 'keep.1.log'), 'x');
  await symlink(path.join(outside, 'keep.1.log'), path.join(dir, await logName('deleted.1.log')));
  await symlink(outside, path.join(dir, await logName('folder.1.log')));
  await mkdir(path.join(dir, await logName('deleted.2.log')));
  for (const name of await readdir(dir)) await lutimes(path.join(dir, name), 1, 1);
  for (const name of ['notes.txt', 'deleted.log', '.hidden.1.log']) await addLog(name, 400);
  assert.deepEqual(await removeOldLogs(options), []);
  assert.equal((await readdir(dir)).length, 6);

  // If the whole folder is a link, it leads to files of another user.
  await rename(dir, path.join(site.dir, 'theirs'));
  await symlink(path.join(site.dir, 'theirs'), dir);
  const third = path.join(site.dir, 'theirs', await logName('deleted.3.log'));
  await writeFile(third, 'x');
  await utimes(third, 1, 1);
  const said: string[] = [];
  const log: Log = { ...silentLog, warn: (event) => void said.push(event) };
  assert.deepEqual(await removeOldLogs({ ...options, log }), []);
  assert.ok(existsSync(third));
  assert.deepEqual(said, ['attempt_log.no_folder']);
});

test('without any logs there is nothing to do', async () => {
  await rename(dir, `${dir}.away`);
  assert.deepEqual(await removeOldLogs(options), []);
});

test('a dry run shows them and changes nothing', async () => {
  await addLog('deleted.1.log', 1);
  const { document } = await runJson<{ logs: object[] }>(['clean', '--dry-run'], site.env);
  const name = await logName('deleted.1.log');
  const expected = [{ file: `tasks/${name}`, bytes: 5, why: 'its task is deleted' }];
  assert.deepEqual([document.logs, await previewOldLogs(options)], [expected, expected]);
  assert.ok(existsSync(path.join(dir, name)));
  const { stdout } = await runCli(['clean'], site.env);
  assert.equal(stdout, `removed 1 log of attempts, 5 bytes\n  tasks/${name}: its task is deleted\n`);
  assert.equal(existsSync(path.join(dir, name)), false);
});

test('a worker removes them by itself; the log of a deleted task is not taken for that of a later one of its name', async () => {
  await addLog('again.1.log', 1);
  await addTask('again', "task_status = 'cancelled'");
  const instance = await startInstance(site);
  try {
    const { files } = await instance.event('attempt_log.removed');
    assert.equal(files, 1);
    await addTask('fresh');
    const { log_path } = await site.waitFor('fresh', 'completed');
    assert.deepEqual(await readdir(dir), [path.basename(String(log_path))]);
  } finally {
    await instance.stop();
  }
});

test.run();

/** @param change - of the task, which waits before the change */
async function addTask(taskId: string, change?: string): Promise<void> {
  await site.addFiles('ann', taskId, 'one');
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', $2, $3, 'uploaded')",
    [taskId, TRIVIAL_LANGUAGE, `ann/upl/${taskId}`],
  );
  if (change !== undefined) await site.sql.query(`UPDATE tasks SET ${change} WHERE task_id = $1`, [taskId]);
}

/** @param name - `<task>.<fence>.log` means the log of the row that has the name now, or of a deleted row */
async function addLog(name: string, days: number): Promise<void> {
  const file = path.join(dir, await logName(name));
  await writeFile(file, 'words');
  const atSec = Date.now() / 1000 - days * DAY_SEC;
  await utimes(file, atSec, atSec);
}

async function logName(name: string): Promise<string> {
  const [, taskId, fence] = /^(\w+)\.(\d+)\.log$/.exec(name) ?? [];
  if (taskId === undefined) return name;
  const { rows } = await site.sql.query<{ id: string }>('SELECT id FROM tasks WHERE task_id = $1', [taskId]);
  return `${taskId}.${rows[0]?.id ?? 999}.${fence}-0a1b2c3d.log`;
}

/** The other way round. */
function plain(file: string): string {
  return file.replace(/\.\d+\.(\d+)-0a1b2c3d\.log$/, '.$1.log');
}
