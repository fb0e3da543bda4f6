import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { writeZip } from '../../src/pipeline/package/zip.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site, type TaskColumns } from '../../testing/site.ts';
import { readZip } from '../../testing/zip.ts';

const test = suite('a completing commit that the database has lost');
let site: Site;

test.before.each(async () => {
  site = await createSite();
});
test.after.each(async () => {
  await site[Symbol.asyncDispose]();
});

test('loses neither result nor task: the next attempt takes the existing result', async () => {
  const before = await completeAndForget();
  const zip = await readFile(path.join(site.uploadsDir, before.download_path ?? ''));
  const hidden = path.join(site.uploadsDir, `ann/upl/${before.task_id}/.talk1.wav`);
  await writeFile(hidden, 'a copy');
  const instance = await startInstance(site);
  try {
    const after = await site.waitFor(before.task_id, 'completed', 'failed');
    assert.equal(after.task_status, 'completed');
    assert.notEqual(after.download_path, before.download_path);
    assert.deepEqual(await readFile(path.join(site.uploadsDir, after.download_path ?? '')), zip);
    assert.deepEqual([after['words'], after['no_of_files']], [2, 1]);
    await instance.event('result.adopted');
    await site.until('the cleanup to end', async () => (await site.row(before.task_id)).stage === null);
    const { rows } = await site.sql.query(
      'SELECT kind, deleted_at IS NOT NULL AS is_deleted FROM task_files ORDER BY kind',
    );
    assert.deepEqual(rows, [
      { kind: 'audio', is_deleted: true },
      { kind: 'audio', is_deleted: true },
      { kind: 'output', is_deleted: false },
      { kind: 'transcript', is_deleted: false },
    ]);
    assert.equal(existsSync(hidden), false);
  } finally {
    await instance.stop();
  }
});

test('with another transcript in the folder the old result is not taken', async () => {
  const before = await completeAndForget();
  await site.addFiles('ann', before.task_id, 'two');
  await rm(path.join(site.uploadsDir, `ann/upl/${before.task_id}/talk1.wav`));
  assert.equal(await endOf(before), 'failed E_AUDIO_MISSING');
});

test('an incomplete result is not taken', async () => {
  const before = await completeAndForget();
  await truncate(path.join(site.uploadsDir, before.download_path ?? ''), 500);
  assert.equal(await endOf(before), 'failed E_AUDIO_MISSING');
});

test('a result of an earlier version is taken, with its warnings in the present shape', async () => {
  const before = await completeAndForget();
  const message = 'talk1.TextGrid tier "ann" interval 1 (0.00 s): 0.050 s long, not aligned';
  await changeManifest(before, ({ outputs: _, files, ...manifest }) => ({
    ...manifest,
    format: 1,
    files: files.map((file) => ({
      ...file,
      outputs: file.outputs.map(({ name, sha256 }) => ({ name, sha256 })),
    })),
    warnings: [{ code: 'W_INTERVAL_SHORT', message, file: 'talk1.TextGrid', tier: 'ann', interval: 1 }],
  }));
  assert.equal(await endOf(before), 'completed null');
  const { warnings } = await site.row(before.task_id);
  assert.deepEqual(warnings, [{ code: 'W_INTERVAL_SHORT', text: message }]);
});

test('a result of an unknown later version is not taken', async () => {
  const before = await completeAndForget();
  await changeManifest(before, (manifest) => ({ ...manifest, format: 3 }));
  assert.equal(await endOf(before), 'failed E_AUDIO_MISSING');
});

test('a result with a damaged table is not taken', async () => {
  const before = await completeAndForget();
  const zipPath = path.join(site.uploadsDir, before.download_path ?? '');
  const texts = await readZip(zipPath);
  texts.set('phones.csv', (texts.get('phones.csv') ?? '').slice(0, -30));
  await pack(texts, zipPath);
  assert.equal(await endOf(before), 'failed E_AUDIO_MISSING');
});

test('the commit is durable, whatever the default of the server is', async () => {
  await site.sql.query(`ALTER DATABASE ${new URL(site.url).pathname.slice(1)} SET synchronous_commit = off`);
  // The trigger sees the values that the completing transaction has set.
  await site.sql.query(`CREATE TABLE seen (setting text);
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$;
    CREATE TRIGGER see AFTER UPDATE ON tasks FOR EACH ROW WHEN (NEW.task_status = 'completed' AND OLD.task_status = 'processing')
      EXECUTE FUNCTION see()`);
  const instance = await startInstance(site);
  try {
    await site.waitFor(await site.addTask('one'), 'completed');
  } finally {
    await instance.stop();
  }
  assert.deepEqual((await site.sql.query('SELECT setting FROM seen')).rows, [{ setting: 'on' }]);
});

test.run();

/** Puts a task whose audio is deleted back to the state in which its attempt began, as after a failover. */
async function completeAndForget(): Promise<TaskColumns> {
  const taskId = await site.addTask('one two');
  const instance = await startInstance(site);
  await site.waitFor(taskId, 'completed');
  await site.until('the cleanup to end', async () => (await site.row(taskId)).stage === null);
  await instance.stop();
  const row = await site.row(taskId);
  assert.equal(existsSync(path.join(site.uploadsDir, `ann/upl/${taskId}/talk1.wav`)), false);
  await site.sql.query(`ALTER TABLE tasks DISABLE TRIGGER USER;
    UPDATE tasks SET task_status = 'uploaded', fence = 0, claim = NULL, attempts = 0, download_path = NULL, stage = NULL,
      finished_at = NULL, removal_started_at = NULL, removal_xid = NULL, started_at = NULL, instance = NULL;
    DELETE FROM task_files;
    UPDATE pgboss.job SET state = 'created', retry_count = 0, started_on = NULL, completed_on = NULL;
    ALTER TABLE tasks ENABLE TRIGGER USER`);
  return row;
}

interface ManifestFiles {
  readonly outputs: readonly unknown[];
  readonly files: readonly {
    readonly outputs: readonly { readonly name: string; readonly sha256: string }[];
  }[];
}

async function changeManifest(
  { download_path }: TaskColumns,
  change: (manifest: ManifestFiles) => object,
): Promise<void> {
  const zipPath = path.join(site.uploadsDir, download_path ?? '');
  const texts = await readZip(zipPath);
  const manifest = JSON.parse(texts.get('manifest.json') ?? '') as ManifestFiles;
  texts.set('manifest.json', JSON.stringify(change(manifest)));
  await pack(texts, zipPath);
}

async function pack(texts: ReadonlyMap<string, string>, zipPath: string): Promise<void> {
  const entries = [...texts].map(([name, text]) => ({ name, content: Buffer.from(text) }));
  await writeZip(entries, zipPath, { maxBytes: 1e9, signal: new AbortController().signal });
}

async function endOf({ task_id }: TaskColumns): Promise<string> {
  const instance = await startInstance(site);
  try {
    const { task_status, error_code } = await site.waitFor(task_id, 'completed', 'failed');
    return `${task_status} ${error_code}`;
  } finally {
    await instance.stop();
  }
}
