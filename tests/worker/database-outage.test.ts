import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { suite } from 'uvu';
import { startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { type Instance, startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';

const test = suite('the database goes away');
/** Longer than any busy machine takes to start a server again. */
const LEASE_SEC = 600;
let dir: string;
let site: Site;
let instance: Instance;

/** A separate server, because the test stops and starts it. */
const startServer = () => startEmbedded({ dataDir: path.join(dir, 'postgres'), settings: { fsync: 'off' } });
const stopServer = () => stopEmbedded(path.join(dir, 'postgres'));

test.before(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-outage-'));
  const { url } = await startServer();
  await migrate(url, () => installQueue(url, { leaseSec: 40 }));
  site = await createSite({ leaseSec: LEASE_SEC, database: { url, drop: async () => undefined } });
  instance = await startInstance(site);
});
test.after(async () => {
  await instance.stop();
  await site[Symbol.asyncDispose]();
  await stopServer();
  await rm(dir, { recursive: true, force: true });
});

test('a task that runs while the server restarts completes in the same attempt', async () => {
  const taskId = await site.addTask('wait');
  await instance.event('engine.started', (event) => event['taskId'] === taskId);
  await stopServer();
  await site.letGo('wait');
  await instance.event('task.end_delayed');
  await startServer();
  const row = await site.waitFor(taskId, 'completed', 'failed');
  assert.deepEqual([row.task_status, row.fence, row.attempts], ['completed', 1, 1]);
  const starts = instance.events.filter(
    ({ event, taskId: id }) => event === 'engine.started' && id === taskId,
  );
  assert.equal(starts.length, 1);
  assert.match(String(row['status_note']), /; written \d+ s late, since the database was away$/);
  await instance.event('notifications.again');
  const untold = instance.events.filter(({ event }) => event === 'task.progress_delayed');
  assert.equal(untold.length, 1);
});

test('after the outage the instance receives notifications of new tasks again', async () => {
  const row = await site.waitFor(await site.addTask('one'), 'completed');
  assert.equal(row.fence, 1);
});

test.run();
