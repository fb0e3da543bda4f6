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

const test = suite('the database goes away for longer than the lease');
/** So long that a busy machine loses no lease but those of the outages. */
const LEASE_SEC = 5;
const OUTAGES = 3;
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
  instance = await startInstance(site, { ALIGNMENT_WORKERS: '1' });
});
test.after(async () => {
  await instance.stop();
  await site[Symbol.asyncDispose]();
  await stopServer();
  await rm(dir, { recursive: true, force: true });
});

test('a task that loses its worker in each outage has no crash, and completes in the end', async () => {
  // An attempt that runs when the outage begins cannot end during it.
  const taskId = await site.addTask('wait');
  for (let fence = 1; fence <= OUTAGES; fence++) {
    await instance.event('engine.started', (event) => event['taskId'] === taskId && event['fence'] === fence);
    await stopServer();
    await instance.event('task.lost', (event) => event['taskId'] === taskId && event['fence'] === fence);
    await startServer();
  }
  await site.letGo('wait');
  const row = await site.waitFor(taskId, 'completed', 'failed');
  assert.deepEqual(
    [row.task_status, row.error_code, row.crashes, row['takeovers'], row.fence],
    ['completed', null, 0, OUTAGES, OUTAGES + 1],
  );
});

test.run();
