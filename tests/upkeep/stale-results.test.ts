import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import type { LogFields } from '../../src/base/log-lines.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { findNameHolder } from '../../src/db/retention.ts';
import { removeUnreachableResults } from '../../src/upkeep/results.ts';
import { scanResults } from '../../src/upkeep/scan-results.ts';
import { removeStaleResults } from '../../src/upkeep/stale-results.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';

const test = suite('results of attempts that died');
let site: Site;
let db: Db;

test.before.each(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'autophon test', maxConnections: 2 });
});
test.after.each(async () => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

test('results of a failed or cancelled task stay with its inputs: one may be the only copy', async () => {
  for (const status of ['failed', 'cancelled'] as const) await addEnded(status, status, 2, '2 minutes');
  await addResults('failed', 1, 2);
  await addResults('cancelled', 2);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual([resultsOf('failed'), resultsOf('cancelled')], [[1, 2], [2]]);
});

test('a completed task keeps the result of its fence and loses the others', async () => {
  await addEnded('done', 'completed', 2, '2 minutes');
  await addResults('done', 1, 2);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('done'), [2]);
});

test('an attempt that may still be on its way to its end is left alone', async () => {
  await addEnded('fresh', 'completed', 2, '10 seconds');
  await addResults('fresh', 1, 2);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('fresh'), [1, 2]);
});

test('nothing is removed behind a link', async () => {
  await addEnded('linked', 'completed', 2, '2 minutes');
  const theirs = path.join(site.dir, 'theirs');
  await mkdir(path.join(theirs, 'linked/1'), { recursive: true });
  await mkdir(path.join(site.uploadsDir, 'ann'), { recursive: true });
  await symlink(theirs, path.join(site.uploadsDir, 'ann/otp'));
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.ok(existsSync(path.join(theirs, 'linked/1')));
});

test('the work of a process that died is done the next time, and then the task is not looked at again', async () => {
  await addEnded('once', 'completed', 2, '2 minutes');
  await addResults('once', 1, 2);
  const broken = { ...silentLog, info: () => assert.fail('the process ends here') };
  await assert.rejects(removeStaleResults({ db, uploadsDir: site.uploadsDir, log: broken }));
  await addResults('once', 1);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('once'), [2]);
  await addResults('once', 1);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('once'), [1, 2]);
});

test('a result that cannot be removed does not stop the removal of others', async () => {
  for (const taskId of ['first', 'second']) {
    await addEnded(taskId, 'completed', 2, '2 minutes');
    await addResults(taskId, 1, 2);
  }
  // No user, not even root, can remove a tree that is deeper than a path can be long.
  const deep = path.join(site.uploadsDir, 'ann/otp/first/1');
  const dig = `for (let i = 0; i < 30; i++) { fs.mkdirSync('x'.repeat(200)); process.chdir('x'.repeat(200)); }`;
  await promisify(execFile)(process.execPath, ['-e', dig], { cwd: deep });
  const errors: unknown[] = [];
  const log = { ...silentLog, error: (_: string, fields?: LogFields) => errors.push(fields?.['taskId']) };
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log });
  await promisify(execFile)('rm', ['-rf', deep]);
  assert.deepEqual(errors, ['first']);
  assert.deepEqual(resultsOf('second'), [2]);
});

test('a task that ended in a transaction that stayed open for long is found, too', async () => {
  await addEnded('late', 'completed', 2, '1 hour');
  await addResults('late', 1, 2);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual(resultsOf('late'), [2]);
});

test('results of a later task with the same name are left alone', async () => {
  await addEnded('name', 'completed', 1, '2 minutes');
  const { id } = await site.row('name');
  const folder = path.join(site.uploadsDir, 'ann/otp/name');
  for (const name of ['77.2-0a1b2c3d', `${id}.1-0a1b2c3d`, `${id}.2-0a1b2c3d`, 'notes'])
    await mkdir(path.join(folder, name), { recursive: true });
  await site.sql.query('UPDATE tasks SET download_path = $1, results_tidy = false', [
    `ann/otp/name/${id}.2-0a1b2c3d/name.zip`,
  ]);
  await removeStaleResults({ db, uploadsDir: site.uploadsDir, log: silentLog });
  assert.deepEqual((await readdir(folder)).sort(), [`${id}.2-0a1b2c3d`, 'notes']);
});

test('results that an open task may still need stay', async () => {
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('name', 'ann', $1, 'ann/upl/name', 'uploaded')",
    [TRIVIAL_LANGUAGE],
  );
  const { id } = await site.row('name');
  const folder = path.join(site.uploadsDir, 'ann/otp/name');
  for (const name of ['77.1-0a1b2c3d', `${id}.1-0a1b2c3d`])
    await mkdir(path.join(folder, name), { recursive: true });
  const task = { user_uuid: 'ann', task_id: 'name' };
  await removeUnreachableResults(site.uploadsDir, task, () => findNameHolder(db, task));
  assert.deepEqual(await readdir(folder), [`${id}.1-0a1b2c3d`]);
});

test('a daily scan finds results that came later, a day after they were made; without a row of that name, a week after the first scan', async () => {
  await addEnded('done', 'completed', 2, '2 minutes');
  const { id } = await site.row('done');
  const at = (name: string) => path.join(site.uploadsDir, 'ann/otp', name);
  const days = {
    [`done/${id}.1-0a1b2c3d`]: 2,
    [`done/${id}.3-0a1b2c3d`]: 0,
    'gone/7.1-0a1b2c3d': 2,
    'gone/8.1-0a1b2c3d': 8,
  };
  for (const [name, age] of Object.entries(days)) {
    await mkdir(at(name), { recursive: true });
    await makeOlder(at(name), age);
  }
  const look = async () => {
    await scanResults({ db, uploadsDir: site.uploadsDir, log: silentLog }, new AbortController().signal);
    return Object.keys(days).map((name) => existsSync(at(name)));
  };
  // After the restore of an old backup, all newer results have no row: their age says nothing.
  assert.deepEqual(await look(), [false, true, true, true]);
  await makeOlder(path.join(at('gone/8.1-0a1b2c3d'), '.autophon-no-row'), 8);
  assert.deepEqual(await look(), [false, true, true, false]);
  // A row that comes back stops the count.
  const mark = path.join(at(`done/${id}.3-0a1b2c3d`), '.autophon-no-row');
  await writeFile(mark, '');
  await look();
  assert.ok(!existsSync(mark));
});

test.run();

async function makeOlder(file: string, days: number): Promise<void> {
  const atSec = Date.now() / 1000 - days * 86_400;
  await utimes(file, atSec, atSec);
}

/** A row that ended with a given fence, some time ago. */
async function addEnded(
  taskId: string,
  status: 'failed' | 'cancelled' | 'completed',
  fence: number,
  ago: string,
): Promise<void> {
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', $2, $3, 'uploaded')",
    [taskId, TRIVIAL_LANGUAGE, `ann/upl/${taskId}`],
  );
  for (let n = 1; n <= fence; n++) {
    await site.sql.query(
      "UPDATE tasks SET task_status = 'processing', fence = fence + 1, instance = gen_random_uuid(), stage = 'package', started_at = now() WHERE task_id = $1",
      [taskId],
    );
  }
  const how = {
    failed: "error_code = 'E_IO', error_message = 'x'",
    cancelled: 'status_note = NULL',
    completed: `download_path = 'ann/otp/${taskId}/${fence}/${taskId}.zip'`,
  }[status];
  await site.sql.query(`UPDATE tasks SET task_status = $2, ${how} WHERE task_id = $1`, [taskId, status]);
  await site.sql.query('UPDATE tasks SET finished_at = now() - $2::interval WHERE task_id = $1', [
    taskId,
    ago,
  ]);
}

async function addResults(taskId: string, ...fences: number[]): Promise<void> {
  for (const fence of fences) {
    const dir = path.join(site.uploadsDir, 'ann/otp', taskId, String(fence));
    await mkdir(dir, { recursive: true });
    await writeFile(path.join(dir, `${taskId}.zip`), 'zip');
  }
}

function resultsOf(taskId: string): number[] {
  return [1, 2, 3].filter((fence) =>
    existsSync(path.join(site.uploadsDir, 'ann/otp', taskId, String(fence), `${taskId}.zip`)),
  );
}
