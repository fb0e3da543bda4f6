import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { findUncleaned, mayRemoveAudio } from '../../src/db/audio-removal.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { Uploads } from '../../src/host/uploads.ts';
import { removeAudio } from '../../src/upkeep/remove-audio.ts';
import { removalFolder } from '../../src/upkeep/remove-file.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';

const test = suite('the audio of a completed task');
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

test('stays while another task in its folder needs it, and is deleted after that one', async () => {
  const taskPath = await site.addFiles('ann', 'shared', 'one');
  await queue('first', taskPath);
  await queue('second', taskPath);
  const instance = await startInstance(site, { ALIGNMENT_WORKERS: '1' });
  try {
    for (const taskId of ['first', 'second'])
      assert.equal((await site.waitFor(taskId, 'completed', 'failed')).error_code, null);
    await site.until('the audio to be gone', () => !existsSync(audioOf(taskPath)));
  } finally {
    await instance.stop();
  }
});

test('stays for KEEP_SOUND, so that the page can play it', async () => {
  const taskPath = await site.addFiles('ann', 'kept', 'one');
  await queue('kept', taskPath);
  const keeping = await startInstance(site, { KEEP_SOUND: '1000' });
  await site.waitFor('kept', 'completed').finally(() => keeping.stop());
  assert.ok(existsSync(audioOf(taskPath)));
  assert.equal((await site.row('kept')).stage, 'cleanup');
  const next = await startInstance(site);
  await site.until('the audio to be gone', () => !existsSync(audioOf(taskPath))).finally(() => next.stop());
});

test('is deleted together with hidden copies and unfinished uploads', async () => {
  const taskPath = await site.addFiles('ann', 'leftovers', 'one');
  const names = ['.talk1.wav', '._talk1.wav', 'talk2.wav.part', 'notes.txt', '.hidden'];
  for (const name of names) await writeFile(path.join(site.uploadsDir, taskPath, name), 'x');
  await queue('leftovers', taskPath);
  const instance = await startInstance(site);
  try {
    await site.waitFor('leftovers', 'completed');
    await site.until('the cleanup to end', async () => (await site.row('leftovers')).stage === null);
  } finally {
    await instance.stop();
  }
  assert.deepEqual((await readdir(path.join(site.uploadsDir, taskPath))).sort(), [
    '.hidden',
    'notes.txt',
    'talk1.TextGrid',
  ]);
  const { rows } = await site.sql.query(
    "SELECT FROM task_files WHERE kind = 'audio' AND deleted_at IS NOT NULL",
  );
  assert.equal(rows.length, 4);
});

test('is needed by tasks that wait or can be queued again, of its user, in its folder, above or below', async () => {
  const taskPath = await site.addFiles('ann', 'x/y', 'one');
  await complete('done', taskPath);
  const { id, fence, claim } = await site.row('done');
  const isNeeded = async () => (await mayRemoveAudio(db, { id, fence, claim: String(claim) })) === null;
  for (const [other, user, needs] of [
    [taskPath, 'ann', true],
    ['ann/upl/x', 'ann', true],
    [`${taskPath}/z`, 'ann', true],
    ['ann/upl/x/yy', 'ann', false],
    [taskPath, 'bob', false],
  ] as const) {
    await queue('other', other, user);
    assert.equal(await isNeeded(), needs, other);
    await site.sql.query("UPDATE tasks SET cancel_requested = true WHERE task_id = 'other'");
    assert.equal(await isNeeded(), needs, other);
    await site.sql.query("UPDATE tasks SET inputs_deleted_at = now() WHERE task_id = 'other'");
    assert.equal(await isNeeded(), false, other);
    await site.sql.query("DELETE FROM tasks WHERE task_id = 'other'");
  }
});

test('is tried again, less and less often, when a file cannot be deleted', async () => {
  const taskPath = await site.addFiles('ann', 'resists', 'one');
  await complete('resists', taskPath);
  await rm(audioOf(taskPath));
  await mkdir(audioOf(taskPath));
  const found = async () => (await findUncleaned(db, 60, 20)).map(({ task_id }) => task_id);
  const [task] = await findUncleaned(db, 60, 20);
  assert.ok(task !== undefined);
  await using uploads = await new Uploads(db, site.uploadsDir).open();
  const options = { db, uploads, log: silentLog };
  assert.equal(await removeAudio(task, options), false);
  assert.equal((await site.row('resists')).stage, 'cleanup');
  // It ended two minutes ago and was tried just now, so the next attempt is in two minutes.
  assert.deepEqual(await found(), []);
  await age("updated_at = finished_at + interval '50 seconds'");
  assert.deepEqual(await found(), ['resists']);
  await rm(audioOf(taskPath), { recursive: true });
  await finishRemoval(task, options);
  assert.equal((await site.row('resists')).stage, null);
});

test('nothing else is deleted: no file outside the folder of the task, and none behind a link', async () => {
  const taskPath = await site.addFiles('ann', 'mine', 'one');
  const neighbour = await site.addFiles('ann', 'neighbour', 'one');
  const theirs = await site.addFiles('bob', 'theirs', 'one');
  await complete('mine', taskPath);
  const link = `${taskPath}/link.wav`;
  await symlink(audioOf(theirs), path.join(site.uploadsDir, link));
  const [task] = await findUncleaned(db, 60, 20);
  assert.ok(task !== undefined);
  const paths = [`${neighbour}/talk1.wav`, `${theirs}/talk1.wav`, `${taskPath}/../neighbour/talk1.wav`, link];
  for (const one of paths)
    await site.sql.query(
      "INSERT INTO task_files (task, kind, path, original_name) VALUES ($1, 'audio', $2, 'x.wav')",
      [task.id, one],
    );
  await using uploads = await new Uploads(db, site.uploadsDir).open();
  await finishRemoval(task, { db, uploads, log: silentLog });
  assert.deepEqual(
    [taskPath, neighbour, theirs].map((one) => existsSync(audioOf(one))),
    [false, true, true],
  );
});

for (const [when, change] of [
  [
    'somebody has taken the folder out of the row: no file is known to be its own',
    "UPDATE tasks SET task_path = NULL WHERE task_id = 'kept'",
  ],
  ['it was uploaded again after it was aligned', "UPDATE task_files SET version = '1-1'"],
] as const) {
  test(`stays without a receipt when ${when}`, async () => {
    const taskPath = await site.addFiles('ann', 'kept', 'one');
    await complete('kept', taskPath);
    await site.sql.query(change);
    const [task] = await findUncleaned(db, 60, 20);
    assert.ok(task !== undefined);
    await using uploads = await new Uploads(db, site.uploadsDir).open();
    await finishRemoval(task, { db, uploads, log: silentLog });
    assert.ok(existsSync(audioOf(taskPath)));
    assert.equal((await site.sql.query('SELECT FROM task_files WHERE deleted_at IS NOT NULL')).rowCount, 0);
  });
}

test('stays when the result of its task is not there', async () => {
  const taskPath = await site.addFiles('ann', 'alone', 'one');
  await complete('alone', taskPath);
  await rm(path.join(site.uploadsDir, 'ann/otp/x/x.zip'));
  const [task] = await findUncleaned(db, 60, 20);
  assert.ok(task !== undefined);
  await using uploads = await new Uploads(db, site.uploadsDir).open();
  assert.equal(await removeAudio(task, { db, uploads, log: silentLog }), false);
  assert.ok(existsSync(audioOf(taskPath)));
});

test('is deleted also when an earlier process died while deleting it', async () => {
  const taskPath = await site.addFiles('ann', 'alone', 'one');
  await complete('alone', taskPath);
  const audio = audioOf(taskPath);
  const name = path.basename(audio);
  const removal = path.join(path.dirname(audio), removalFolder(name, await lstat(audio, { bigint: true })));
  await mkdir(removal);
  await rename(audio, path.join(removal, name));
  const [task] = await findUncleaned(db, 60, 20);
  assert.ok(task !== undefined);
  await using uploads = await new Uploads(db, site.uploadsDir).open();
  await finishRemoval(task, { db, uploads, log: silentLog });
  assert.ok(!existsSync(removal));
  assert.equal((await site.sql.query('SELECT FROM task_files WHERE deleted_at IS NOT NULL')).rowCount, 1);
});

test('stays while a transaction is open that may add a task in its folder', async () => {
  const taskPath = await site.addFiles('ann', 'shared', 'one');
  await complete('first', taskPath);
  const [task] = await findUncleaned(db, 60, 20);
  assert.ok(task !== undefined);
  await using uploads = await new Uploads(db, site.uploadsDir).open();
  const other = await site.sql.connect();
  await other.query('BEGIN');
  await other.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('second', 'ann', $1, $2, 'uploaded')",
    [TRIVIAL_LANGUAGE, taskPath],
  );
  assert.equal(await removeAudio(task, { db, uploads, log: silentLog }), false);
  await other.query('COMMIT');
  assert.equal(await removeAudio(task, { db, uploads, log: silentLog }), false);
  assert.ok(existsSync(audioOf(taskPath)));
  await other.query("DELETE FROM tasks WHERE task_id = 'second'");
  other.release();
  await finishRemoval(task, { db, uploads, log: silentLog });
  assert.equal(existsSync(audioOf(taskPath)), false);
});

test('is deleted while a transaction is open in another database of the server', async () => {
  const taskPath = await site.addFiles('ann', 'alone', 'one');
  await using neighbour = await createSite();
  const other = await neighbour.sql.connect();
  await other.query('BEGIN');
  await other.query('UPDATE limits SET user_open_tasks = user_open_tasks');
  try {
    await complete('alone', taskPath);
    const [task] = await findUncleaned(db, 60, 20);
    assert.ok(task !== undefined);
    await using uploads = await new Uploads(db, site.uploadsDir).open();
    await finishRemoval(task, { db, uploads, log: silentLog });
  } finally {
    await other.query('ROLLBACK');
    other.release();
  }
  assert.equal(existsSync(audioOf(taskPath)), false);
});

test('is deleted in one run for more tasks than one batch has', async () => {
  const taskIds = Array.from({ length: 45 }, (_, index) => `task-${index}`);
  for (const taskId of taskIds) await complete(taskId, await site.addFiles('ann', taskId, 'one'));
  const instance = await startInstance(site, { SWEEP_INTERVAL: '600' });
  try {
    // A few may have to wait, while other chores have transactions open.
    await site.until('the audio of more than twenty tasks to go', async () => {
      const left = taskIds.filter((taskId) => existsSync(audioOf(`ann/upl/${taskId}`)));
      return left.length < taskIds.length - 20;
    });
  } finally {
    await instance.stop();
  }
});

test('does not keep a worker from its other chores if the row of the task is broken', async () => {
  await complete('broken', await site.addFiles('ann', 'broken', 'one'));
  await age("task_path = '../elsewhere'");
  await queue('marked', await site.addFiles('ann', 'marked', 'one'));
  await site.sql.query("UPDATE tasks SET task_status = 'expired' WHERE task_id = 'marked'");
  const instance = await startInstance(site);
  try {
    const isRemoved = async () => (await site.row('marked'))['inputs_deleted_at'] !== null;
    await site.until('the files of another task to be removed', isRemoved);
  } finally {
    await instance.stop();
  }
  assert.ok(existsSync(audioOf('ann/upl/broken')));
});

test.run();

/** An open transaction of any other database on the server delays the removal. */
async function finishRemoval(...[task, options]: Parameters<typeof removeAudio>): Promise<void> {
  await site.until('older transactions to end', () => removeAudio(task, options));
}

function audioOf(taskPath: string): string {
  return path.join(site.uploadsDir, taskPath, 'talk1.wav');
}

async function queue(taskId: string, taskPath: string, user = 'ann'): Promise<void> {
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, $2, $3, $4, 'uploaded')",
    [taskId, user, TRIVIAL_LANGUAGE, taskPath],
  );
}

/** A row of an instance that died directly after it reported the end, two minutes ago. */
async function complete(taskId: string, taskPath: string): Promise<void> {
  await mkdir(path.join(site.uploadsDir, 'ann/otp/x'), { recursive: true });
  await writeFile(path.join(site.uploadsDir, 'ann/otp/x/x.zip'), 'zip');
  await queue(taskId, taskPath);
  await site.sql.query(
    "UPDATE tasks SET task_status = 'processing', fence = 1, instance = 'x', stage = 'package', started_at = now() WHERE task_id = $1",
    [taskId],
  );
  await site.sql.query(
    "UPDATE tasks SET task_status = 'completed', stage = 'cleanup', download_path = 'ann/otp/x/x.zip' WHERE task_id = $1",
    [taskId],
  );
  await site.sql.query(
    "INSERT INTO task_files (task, kind, path, original_name) SELECT id, 'audio', $2, 'talk1.wav' FROM tasks WHERE task_id = $1",
    [taskId, `${taskPath}/talk1.wav`],
  );
  await age("finished_at = now() - interval '2 minutes', updated_at = now() - interval '2 minutes'");
}

/** The trigger would set updated_at to now. */
async function age(columns: string): Promise<void> {
  await site.sql.query(`ALTER TABLE tasks DISABLE TRIGGER guard_task_update;
    UPDATE tasks SET ${columns} WHERE task_status = 'completed'; ALTER TABLE tasks ENABLE TRIGGER guard_task_update`);
}
