import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { readFileClock, SITE_MARKER, Uploads } from '../../src/host/uploads.ts';
import { removeOutdated } from '../../src/upkeep/retention.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { runCli, runJson } from '../cli/run-cli.ts';

const test = suite('the identity of a site');
const KEEP = { failedInputsSec: 86_400, resultsSec: 0 };
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

const away = () => `${site.uploadsDir}.disk`;
/** The disk is gone, and its empty mount point is visible. */
const unmount = async () => {
  await rename(site.uploadsDir, away());
  await mkdir(site.uploadsDir);
};
const mount = async () => {
  await rm(site.uploadsDir, { recursive: true });
  await rename(away(), site.uploadsDir);
};

test('while UPLOADS is not mounted no task is claimed, failed or removed, and status says why; afterwards tasks go on', async () => {
  const instance = await startInstance(site);
  try {
    await site.waitFor(await site.addTask('one'), 'completed');
    await unmount();
    const paused = async () =>
      (await site.sql.query('SELECT paused FROM active_instances')).rows[0]?.paused ?? null;
    await site.until('the instance to pause', async () => (await paused()) !== null);
    assert.match(
      await paused(),
      /has no marker .autophon-site; expected that of site .*Is its disk mounted\?/,
    );
    assert.match((await runCli(['status'], site.env)).stdout, /has no marker/);
    const waiting = await site.addFiles('ann', 'waiting', 'one').then(() => 'waiting');
    await rm(path.join(site.uploadsDir, 'ann'), { recursive: true });
    await site.sql.query(
      "INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ('waiting', 'ann', 'engUS_TRIVIAL_v010', 'ann/upl/waiting', 'uploaded')",
    );
    await mount();
    await site.addFiles('ann', waiting, 'one');
    assert.equal((await site.waitFor(waiting, 'completed', 'failed')).task_status, 'completed');
    assert.deepEqual([(await site.row(waiting)).attempts, await paused()], [1, null]);
  } finally {
    await instance.stop();
  }
});

test('a task that is claimed just before the disk disappears is handed back without using an attempt', async () => {
  const instance = await startInstance(site);
  try {
    await site.waitFor(await site.addTask('one'), 'completed');
    // The pause starts within a second or two; a claim may happen before.
    const taskId = await site.addTask('one');
    await unmount();
    const row = await site.row(taskId);
    if (row.task_status === 'failed') assert.fail(`${row.error_code}: ${row.error_message}`);
    await mount();
    const ended = await site.waitFor(taskId, 'completed', 'failed');
    assert.deepEqual([ended.task_status, ended.attempts], ['completed', 1]);
  } finally {
    await instance.stop();
  }
});

test('files of deleted and expired tasks are neither removed nor forgotten while UPLOADS is another folder', async () => {
  const uploads = new Uploads(db, site.uploadsDir);
  await (await uploads.open())[Symbol.asyncDispose]();
  const taskPath = await site.addFiles('ann', 'deleted', 'one');
  await site.sql.query(
    "INSERT INTO tasks (task_id, user_uuid, lang, task_path) VALUES ('deleted', 'ann', 'x', $1)",
    [taskPath],
  );
  await site.sql.query(
    "DELETE FROM tasks; UPDATE deleted_tasks SET deleted_at = now() - interval '2 minutes'",
  );
  const options = { db, uploadsDir: site.uploadsDir, keep: KEEP, log: silentLog };
  await unmount();
  await assert.rejects(removeOutdated(options), { code: 'E_UPLOADS' });
  // Another site's disk is mounted at the same place.
  await writeFile(path.join(site.uploadsDir, SITE_MARKER), '00000000-0000-4000-8000-000000000000\n');
  await assert.rejects(removeOutdated(options), { code: 'E_UPLOADS', message: /the marker of another site/ });
  await mount();
  assert.equal((await removeOutdated(options)).length, 1);
  assert.equal(existsSync(path.join(site.uploadsDir, taskPath)), false);
});

test('work in an open folder stays in it when another folder takes its name', async () => {
  const uploads = new Uploads(db, site.uploadsDir);
  await site.addFiles('ann', 'x', 'one');
  await using open = await uploads.open();
  await unmount();
  assert.equal(existsSync(path.join(open.root, 'ann/upl/x/talk1.wav')), true);
  assert.match((await uploads.findFault()) ?? '', /has no marker/);
});

test('UPLOADS that is reached by links is the same folder: audio is deleted, and paths are relative to it', async () => {
  const link = path.join(site.dir, 'way');
  await symlink(site.dir, link);
  const instance = await startInstance(site, { UPLOADS: path.join(link, 'uploads') });
  try {
    const taskId = await site.addTask('one');
    await site.waitFor(taskId, 'completed');
    await site.until('the cleanup to end', async () => (await site.row(taskId)).stage === null);
    const { rows } = await site.sql.query(
      'SELECT path, deleted_at IS NOT NULL AS is_deleted FROM task_files ORDER BY path',
    );
    assert.deepEqual(
      rows.filter(({ path: name }) => name.startsWith('ann/upl')),
      [
        { path: `ann/upl/${taskId}/talk1.TextGrid`, is_deleted: false },
        { path: `ann/upl/${taskId}/talk1.wav`, is_deleted: true },
      ],
    );
    assert.equal(rows.length, 3);
    assert.equal(existsSync(path.join(site.uploadsDir, `ann/upl/${taskId}/talk1.wav`)), false);
  } finally {
    await instance.stop();
  }
});

test('several programs that start a new site at the same time agree on its marker', async () => {
  const opened = await Promise.all([1, 2, 3, 4].map(() => new Uploads(db, site.uploadsDir).open()));
  for (const one of opened) await one[Symbol.asyncDispose]();
  const { rows } = await site.sql.query('SELECT id, bound_at IS NOT NULL AS is_bound FROM site');
  assert.deepEqual(rows, [
    { id: (await readFile(path.join(site.uploadsDir, SITE_MARKER), 'utf8')).trim(), is_bound: true },
  ]);
});

test('"site" reports the fault and "site bind" fixes it, but takes the folder of another site only with --force', async () => {
  await (await new Uploads(db, site.uploadsDir).open())[Symbol.asyncDispose]();
  assert.equal((await runCli(['site'], site.env)).exitCode, 0);
  await rm(path.join(site.uploadsDir, SITE_MARKER));
  const told = await runCli(['site'], site.env);
  assert.equal(told.exitCode, 1);
  assert.match(told.stdout, /has no marker .*"bin\/autophon site bind" makes it so/);
  const { document } = await runJson<{ site: string; fault: null }>(['site', 'bind'], site.env);
  assert.equal(document.fault, null);
  await writeFile(path.join(site.uploadsDir, SITE_MARKER), '00000000-0000-4000-8000-000000000000\n');
  const refused = await runCli(['site', 'bind'], site.env);
  assert.notEqual(refused.exitCode, 0);
  assert.match(refused.stderr, /"bin\/autophon site bind --force" takes the folder over/);
  assert.equal((await runCli(['site', 'bind', '--force'], site.env)).exitCode, 0);
});

test('the clock of UPLOADS is read right after it moved: a file that was written before is older', async () => {
  await using uploads = await new Uploads(db, site.uploadsDir).open();
  const file = path.join(site.uploadsDir, 'older.wav');
  for (let round = 0; round < 20; round++) {
    await writeFile(file, 'audio');
    const { ctimeMs } = await stat(file);
    assert.ok((await readFileClock(uploads)) > ctimeMs);
  }
});

test.run();
