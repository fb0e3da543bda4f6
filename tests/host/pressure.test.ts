import assert from 'node:assert/strict';
import { readdir, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite } from 'uvu';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { fillUp, makeSmallDisk } from '../support/small-disk.ts';

const test = suite('a machine that runs out of memory or disk space');
const PAUSED = 'claims.paused';
const MEBIBYTE = 1024 ** 2;
const disk = await makeSmallDisk(24 * MEBIBYTE);
if (disk === null) console.error('no disk of a fixed size can be made here: those tests are left out');
const onDisk = disk === null ? test.skip : test;

test.after(async () => {
  await disk?.[Symbol.asyncDispose]();
});

test('an instance with too little memory takes no task and says why in its row', async () => {
  await using site = await createSite();
  await using instance = await start(site, { MIN_FREE_MEMORY: '1000T' });
  const taskId = await site.addTask('one');
  const { why } = await instance.event(PAUSED);
  assert.match(String(why), /^memory: .* free, MIN_FREE_MEMORY is 1000 TiB$/);
  await untilPaused(site, /^memory: /);
  assert.equal((await site.row(taskId)).task_status, 'uploaded');
});

onDisk(
  'a full disk stops new claims, running tasks go on, and room starts them again by itself',
  async () => {
    await using site = await createSite();
    const dir = disk?.dir ?? '';
    const { bavail, bsize } = await statfs(dir);
    await using instance = await start(site, {
      TEMP_DIR: dir,
      MIN_FREE_DISK: String(Math.floor((bavail * bsize) / 2)),
      MAX_POLL_INTERVAL: '1',
    });
    const running = await site.addTask('slow one');
    await instance.event('engine.started');
    const filler = path.join(dir, 'filler');
    await writeFile(filler, Buffer.alloc(16 * MEBIBYTE));
    await site.waitFor(running, 'completed');
    await untilPaused(site, /^disk of TEMP_DIR: .* free, MIN_FREE_DISK is /);
    const waiting = await site.addTask('two');
    assert.equal((await site.row(waiting)).task_status, 'uploaded');
    await rm(filler);
    await site.waitFor(waiting, 'completed');
    await site.until('the row to tell', async () => {
      const { rows } = await site.sql.query('SELECT paused, paused_since FROM active_instances');
      return rows[0]?.paused === null && rows[0]?.paused_since === null;
    });
    const said = instance.events.map(({ event }) => event).filter((event) => event.startsWith('claims.'));
    assert.deepEqual(said, [PAUSED, 'claims.resumed']);
  },
);

onDisk('a disk that fills up under a task is a passing fault, and leaves nothing half-written', async () => {
  await using site = await createSite();
  await using results = await makeSmallDisk(MEBIBYTE, path.join(site.uploadsDir, 'ann/otp'));
  const otpDir = results?.dir ?? '';
  const filler = await fillUp(otpDir);
  await using instance = await start(site, {
    RETRY_ATTEMPTS: '20',
    RETRY_DELAY: '1',
    MAX_POLL_INTERVAL: '1',
  });
  const taskId = await site.addTask('one');
  await instance.event('task.to_be_retried', ({ code }) => code === 'E_DISK_FULL');
  const files = await readdir(otpDir, { recursive: true, withFileTypes: true });
  assert.deepEqual(
    files.filter((entry) => entry.isFile()).map(({ name }) => name),
    ['filler'],
  );
  await rm(filler);
  const row = await site.waitFor(taskId, 'completed', 'failed');
  assert.deepEqual([row.task_status, row.error_code], ['completed', null]);
  site.zipPath(row);
});

test.run();

/** An instance that is stopped however the test ends. */
async function start(site: Site, env: Readonly<Record<string, string>>): Promise<Instance & AsyncDisposable> {
  const instance = await startInstance(site, env);
  return Object.assign(instance, { [Symbol.asyncDispose]: () => instance.stop() });
}

/** Free space changes all the time, so the number in the row may differ from that in the log. */
function untilPaused(site: Site, why: RegExp): Promise<void> {
  return site.until('the row to tell', async () => {
    const { rows } = await site.sql.query('SELECT paused FROM active_instances');
    return why.test(rows[0]?.paused ?? '');
  });
}
