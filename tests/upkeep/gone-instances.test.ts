import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { privateDirOf } from '../../src/host/workspace.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { addInstance, deadPid } from '../support/temp-dir.ts';

const test = suite('temp folders of instances that are gone');
let site: Site;
let instance: Instance | null = null;

test.before.each(async () => {
  site = await createSite();
});
test.after.each(async () => {
  await instance?.stop();
  instance = null;
  await site[Symbol.asyncDispose]();
});

test('a worker removes at its start the folders of a container that has been silent for a day, and no others', async () => {
  const [gone, recent, strange] = [randomUUID(), randomUUID(), randomUUID()];
  for (const id of [gone, recent, strange])
    await addInstance(site.tempDir, id, { pidNamespace: 'pid:[1]', pid: deadPid() });
  for (const [id, hours] of [
    [gone, 25],
    [recent, 23],
  ] as const)
    await addRow(id, hours);
  instance = await startInstance(site);
  await site.until(
    'the folder to be removed',
    () => !existsSync(path.join(privateDirOf(site.tempDir), gone)),
  );
  for (const id of [recent, strange]) assert.ok(existsSync(path.join(privateDirOf(site.tempDir), id)), id);
  const { rows } = await site.sql.query('SELECT count(*)::int AS n FROM instances WHERE died_at IS NOT NULL');
  assert.equal(rows[0].n, 0, 'silence is no proof');
});

test('a worker reports at its start that its predecessor died', async () => {
  const dead = randomUUID();
  const folder = await addInstance(site.tempDir, dead, { pid: deadPid() });
  await addRow(dead, 0);
  instance = await startInstance(site);
  await site.until('the folder to be removed', () => !existsSync(folder));
  const { rows } = await site.sql.query('SELECT died_at FROM instances WHERE id = $1', [dead]);
  assert.ok(rows[0].died_at instanceof Date);
});

test('a worker does not remove the proof of a death that concerns another database', async () => {
  const stranger = await addInstance(site.tempDir, randomUUID(), { pid: deadPid() });
  await mkdir(path.join(stranger, '7.1-0123abcd'));
  const known = randomUUID();
  const folder = await addInstance(site.tempDir, known, { pid: deadPid() });
  await addRow(known, 0);
  instance = await startInstance(site);
  await site.until('the folder of its own predecessor to be removed', () => !existsSync(folder));
  assert.ok(existsSync(stranger));
});

test('a TEMP_DIR that is a link works like a folder', async () => {
  const link = path.join(site.dir, 'link');
  await symlink(site.tempDir, link);
  const taskId = await site.addTask('one');
  instance = await startInstance(site, { TEMP_DIR: `${link}/` });
  const row = await site.waitFor(taskId, 'completed', 'failed');
  assert.equal(row.error_message, null);
  const mark = await readFile(
    path.join(privateDirOf(site.tempDir), String(row['instance']), 'owner'),
    'utf8',
  ).catch(() => null);
  assert.notEqual(mark, null);
});

test.run();

async function addRow(id: string, silentHours: number): Promise<void> {
  await site.sql.query(
    `INSERT INTO instances (id, host, pid, version, slots, engines, seen_at)
     VALUES ($1, 'there', 1, '1', 1, '{}', now() - $2 * interval '1 hour')`,
    [id, silentHours],
  );
}
