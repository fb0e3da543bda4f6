import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { suggestionsPath } from '../../src/base/site-layout.ts';
import { takeChore } from '../../src/db/chores.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { findOutdated, startRemoval } from '../../src/db/retention.ts';
import { CLOCK_FILE, SITE_MARKER } from '../../src/host/uploads.ts';
import { isTaskFolder } from '../../src/upkeep/remove-tree.ts';
import { previewOutdated, type RetentionOptions, removeOutdated } from '../../src/upkeep/retention.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { TRIVIAL_LANGUAGE } from '../../testing/trivial-engine.ts';

const DAY_SEC = 86_400;
const test = suite('files that are kept, and files that are removed');
let site: Site;
let db: Db;
let options: RetentionOptions;

test.before.each(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'autophon test', maxConnections: 2 });
  const keep = { failedInputsSec: DAY_SEC, resultsSec: 0 };
  options = { db, uploadsDir: site.uploadsDir, keep, log: silentLog };
});
test.after.each(async () => {
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

test('inputs of failed and cancelled tasks are removed after their time, with receipts; newer ones stay', async () => {
  for (const [taskId, status, hours] of [
    ['old-failed', 'failed', 25],
    ['old-cancelled', 'cancelled', 25],
    ['new-failed', 'failed', 23],
    ['new-cancelled', 'cancelled', 23],
  ] as const) {
    await addEnded(taskId, status, hours);
  }
  const removals = await removeOutdated(options);
  assert.deepEqual(
    removals.map(({ taskId, files }) => [taskId, files.length]),
    [
      ['old-failed', 2],
      ['old-cancelled', 2],
    ],
  );
  assert.deepEqual(['old-failed', 'old-cancelled', 'new-failed', 'new-cancelled'].map(hasInputs), [
    false,
    false,
    true,
    true,
  ]);
  // The database has no change of status from cancelled to expired.
  assert.equal((await site.row('old-failed')).task_status, 'expired');
  assert.equal((await site.row('old-cancelled')).task_status, 'cancelled');
  const { rows } = await site.sql.query(
    "SELECT kind, path, bytes > 0 AS has_size FROM task_files WHERE deleted_at IS NOT NULL AND path LIKE 'ann/upl/old-failed/%' ORDER BY kind",
  );
  assert.deepEqual(rows, [
    { kind: 'audio', path: 'ann/upl/old-failed/talk1.wav', has_size: true },
    { kind: 'transcript', path: 'ann/upl/old-failed/talk1.TextGrid', has_size: true },
  ]);
  assert.deepEqual(await removeOutdated(options), []);
});

test('files and folders whose names are not UTF-8 are removed, too', async () => {
  await addEnded('old', 'failed', 25);
  const dir = path.join(site.uploadsDir, 'ann/upl/old');
  const badly = (...names: string[]) =>
    Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(names.join('/'), 'latin1')]);
  await mkdir(badly('caf\xe9'));
  await writeFile(badly('caf\xe9', 't\xe4st.wav'), 'audio');
  await writeFile(badly('\xff'.repeat(250)), 'audio');
  const [removal] = await removeOutdated(options);
  assert.equal(removal?.files.length, 4);
  assert.equal(existsSync(dir), false);
  const { rows } = await site.sql.query("SELECT path FROM task_files WHERE path LIKE '%st.wav'");
  assert.match(rows[0]?.path ?? '', /^ann\/upl\/old\/[0-9a-f]{8}-caf\\xe9\/[0-9a-f]{8}-t\\xe4st\.wav$/);
});

test('an upload that was begun and never queued is removed after its time', async () => {
  await site.addFiles('ann', 'given-up', 'one');
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, task_path) VALUES ('given-up', 'ann', 'ann/upl/given-up')",
  );
  assert.deepEqual(await removeOutdated(options), []);
  // The trigger would set it to now.
  await site.sql.query(`ALTER TABLE tasks DISABLE TRIGGER guard_task_update;
    UPDATE tasks SET updated_at = now() - interval '25 hours'; ALTER TABLE tasks ENABLE TRIGGER guard_task_update`);
  await removeOutdated({ ...options, keep: { failedInputsSec: 0, resultsSec: 0 } });
  assert.ok(hasInputs('given-up'));
  await removeOutdated({ ...options, keep: { failedInputsSec: 0.5 * DAY_SEC + 0.5, resultsSec: 0 } });
  assert.equal(hasInputs('given-up'), false);
  assert.equal((await site.row('given-up')).task_status, 'uploading');
});

test('a dry run lists what would be removed, and changes nothing', async () => {
  await addEnded('old', 'failed', 25);
  const preview = await previewOutdated(options);
  assert.ok(hasInputs('old'));
  assert.equal((await site.row('old')).task_status, 'failed');
  assert.deepEqual(preview, await removeOutdated(options));
});

test('inputs and results are removed of tasks that are expired or whose row is deleted, and of no others', async () => {
  for (const taskId of ['marked', 'deleted', 'neighbour']) {
    await addEnded(taskId, 'failed', 1);
    await mkdir(path.join(site.uploadsDir, 'ann/otp', taskId, '1'), { recursive: true });
    await writeFile(path.join(site.uploadsDir, 'ann/otp', taskId, '1', `${taskId}.zip`), 'zip');
  }
  const missing = path.join(site.uploadsDir, 'ann/dic/missing');
  await mkdir(missing, { recursive: true });
  const drafts = [
    `marked.${(await site.row('marked')).id}.txt`,
    `deleted.${(await site.row('deleted')).id}.txt`,
  ];
  for (const name of [...drafts, 'neighbour.txt', 'deleted.txt'])
    await writeFile(path.join(missing, name), 'zorp\tT\n');
  await site.sql.query("UPDATE tasks SET task_status = 'expired' WHERE task_id = 'marked'");
  await site.sql.query("DELETE FROM tasks WHERE task_id = 'deleted'");
  await site.sql.query("UPDATE deleted_tasks SET deleted_at = now() - interval '2 minutes'");
  const preview = await previewOutdated(options);
  assert.deepEqual(await removeOutdated(options), preview);
  assert.deepEqual(
    preview.map(({ files }) => files.filter((file) => file.startsWith('ann/dic'))),
    drafts.map((name) => [`ann/dic/missing/${name}`]),
  );
  assert.deepEqual((await readdir(missing)).sort(), ['deleted.txt', 'neighbour.txt']);
  const hasResult = (taskId: string) => existsSync(path.join(site.uploadsDir, 'ann/otp', taskId));
  assert.deepEqual(['marked', 'deleted', 'neighbour'].map(hasInputs), [false, false, true]);
  assert.deepEqual(['marked', 'deleted', 'neighbour'].map(hasResult), [false, false, true]);
  assert.equal((await site.sql.query('SELECT FROM deleted_tasks')).rowCount, 0);
});

test('files of a deleted task whose names are not UTF-8 are removed, too', async () => {
  await addEnded('name', 'failed', 1);
  const dir = path.join(site.uploadsDir, 'ann/upl/name');
  await writeFile(
    Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xe9, 0x2e, 0x77, 0x61, 0x76])]),
    'audio',
  );
  await site.sql.query("DELETE FROM tasks WHERE task_id = 'name'");
  await site.sql.query("UPDATE deleted_tasks SET deleted_at = now() - interval '2 minutes'");
  await removeOutdated(options);
  assert.ok(!existsSync(dir));
});

test('a draft of suggestions is removed, too, when a process died while removing it', async () => {
  await addEnded('old', 'failed', 25);
  const { id } = await site.row('old');
  const draft = path.join(site.uploadsDir, suggestionsPath({ user_uuid: 'ann', task_id: 'old', id }));
  const [dir, name] = [path.dirname(draft), path.basename(draft)];
  const removal = path.join(dir, '.autophon-removed-0123');
  await mkdir(removal, { recursive: true });
  await writeFile(path.join(removal, name), 'a word');
  await removeOutdated(options);
  assert.deepEqual(await readdir(dir), []);
});

test('files uploaded into the folder of a deleted task after its row was deleted stay', async () => {
  await addEnded('name', 'failed', 1);
  await site.sql.query("DELETE FROM tasks WHERE task_id = 'name'");
  await site.sql.query("UPDATE deleted_tasks SET deleted_at = now() - interval '2 minutes'");
  const later = path.join(site.uploadsDir, 'ann/upl/name/talk1.wav');
  // Like the tool of a web application, which gives the file its name when it is complete.
  await site.until('the clock of the file system to go on', async () => {
    await writeFile(`${later}.part`, 'new');
    const [{ ctimeMs }, { rows }] = [
      await stat(`${later}.part`),
      await site.sql.query('SELECT recorded_at FROM deleted_tasks'),
    ];
    return ctimeMs > rows[0].recorded_at.getTime() + 50;
  });
  await rename(`${later}.part`, later);
  const [removal] = await removeOutdated(options);
  assert.deepEqual(removal?.files, ['ann/upl/name/talk1.TextGrid']);
  assert.equal(await readFile(later, 'utf8'), 'new');
  assert.deepEqual((await readdir(site.uploadsDir)).sort(), [CLOCK_FILE, SITE_MARKER, 'ann']);
  assert.equal((await site.sql.query('SELECT FROM deleted_tasks')).rowCount, 0);
});

test('a deleted task is remembered until other tasks in its folder have ended', async () => {
  await addEnded('first', 'failed', 1, 'ann/upl/shared');
  await addEnded('second', 'failed', 1, 'ann/upl/shared/part');
  await site.sql.query("DELETE FROM tasks WHERE task_id = 'first'");
  await site.sql.query("UPDATE deleted_tasks SET deleted_at = now() - interval '2 minutes'");
  await removeOutdated(options);
  assert.ok(existsSync(path.join(site.uploadsDir, 'ann/upl/shared/talk1.wav')));
  await site.sql.query("DELETE FROM tasks WHERE task_id = 'second'");
  await site.sql.query("UPDATE deleted_tasks SET deleted_at = now() - interval '2 minutes'");
  await removeOutdated(options);
  assert.equal(existsSync(path.join(site.uploadsDir, 'ann/upl/shared')), false);
  assert.equal((await site.sql.query('SELECT FROM deleted_tasks')).rowCount, 0);
});

test('links are removed, not followed, and a folder that is reached by a link is left alone', async () => {
  const outside = path.join(site.dir, 'outside');
  await mkdir(outside);
  await writeFile(path.join(outside, 'keep.wav'), 'x');
  await addEnded('old', 'failed', 25);
  await symlink(outside, path.join(site.uploadsDir, 'ann/upl/old/folder'));
  await symlink(path.join(outside, 'keep.wav'), path.join(site.uploadsDir, 'ann/upl/old/file.wav'));
  await site.addFiles('bob', 'his', 'one');
  await symlink(path.join(site.uploadsDir, 'bob/upl'), path.join(site.uploadsDir, 'ann/theirs'));
  await addEnded('trick', 'failed', 25, 'ann/theirs/his');
  await removeOutdated(options);
  assert.equal(hasInputs('old'), false);
  assert.ok(existsSync(path.join(outside, 'keep.wav')));
  assert.ok(existsSync(path.join(site.uploadsDir, 'bob/upl/his/talk1.wav')));
});

test('a folder that another task uses stays until that task has ended, too', async () => {
  await addEnded('first', 'failed', 25, 'ann/upl/shared');
  await addEnded('second', 'failed', 1, 'ann/upl/shared/part');
  await removeOutdated(options);
  assert.ok(existsSync(path.join(site.uploadsDir, 'ann/upl/shared/talk1.wav')));
});

test('tasks whose files cannot be removed come after all others the next time', async () => {
  for (const taskId of ['first', 'second', 'third']) await addEnded(taskId, 'failed', 25);
  const { keep } = options;
  const inOrder = async () => (await findOutdated(db, keep, 2)).map(({ task_id }) => task_id);
  const found = await findOutdated(db, keep, 2);
  assert.deepEqual(await inOrder(), ['first', 'second']);
  for (const task of found) await startRemoval(db, task, keep, 'too old');
  assert.deepEqual(await inOrder(), ['third', 'first']);
});

test('the folder of a task must be its own, inside the folder of its user', () => {
  for (const good of ['ann/upl/x', 'ann/upl/2026/x', 'ann/corpus/a..b'])
    assert.ok(isTaskFolder(good, 'ann'), good);
  const bad = [
    'ann',
    'ann/upl',
    'bob/upl/x',
    'ann/dic/x',
    'ann/otp/x',
    'ann/upl/../x',
    'ann//upl/x',
    '/ann/upl/x',
    'ann/upl/x/',
    'ann/./upl/x',
    '',
  ];
  for (const path of bad) assert.equal(isTaskFolder(path, 'ann'), false, path);
});

test('when it is due, one instance removes the files for all', async () => {
  const taken = await Promise.all([1, 2, 3].map(() => takeChore(db, 'remove files', 60, 'x')));
  assert.equal(taken.filter(Boolean).length, 1);
});

test('a worker removes the files by itself and logs it', async () => {
  await addEnded('old', 'failed', 25);
  const instance = await startInstance(site);
  try {
    const { taskId, files } = await instance.event('files.removed');
    assert.deepEqual([taskId, files], ['old', 2]);
    await site.waitFor('old', 'expired');
  } finally {
    await instance.stop();
  }
});

test.run();

function hasInputs(taskId: string): boolean {
  return existsSync(path.join(site.uploadsDir, 'ann/upl', taskId));
}

/** Files and a row that ended a number of hours ago. */
async function addEnded(
  taskId: string,
  status: 'failed' | 'cancelled',
  hoursAgo: number,
  taskPath = `ann/upl/${taskId}`,
): Promise<void> {
  if (taskPath.startsWith('ann/upl/')) await site.addFiles('ann', taskPath.slice('ann/upl/'.length), 'one');
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', $2, $3, 'uploaded')",
    [taskId, TRIVIAL_LANGUAGE, taskPath],
  );
  await site.sql.query(
    "UPDATE tasks SET task_status = $2, error_code = 'E_IO', error_message = 'x' WHERE task_id = $1",
    [taskId, status],
  );
  await site.sql.query("UPDATE tasks SET finished_at = now() - $2 * interval '1 hour' WHERE task_id = $1", [
    taskId,
    hoursAgo,
  ]);
}
