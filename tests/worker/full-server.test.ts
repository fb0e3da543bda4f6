import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { suite } from 'uvu';
import { startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite, type Site } from '../../testing/site.ts';
import { endAllCli, startCli } from '../cli/run-cli.ts';

const test = suite('all connections of the server are in use');
const MAX_CONNECTIONS = 30;
const OURS = 'full server test';
/** Longer than the server can be full on any busy machine. */
const LEASE_SEC = 600;
let dir: string;
let site: Site;
let others: pg.Client[] = [];
/** A client that stays connected all the time. */
let hand: pg.Client;

/** A separate server, because other tests would be disturbed. */
test.before(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'autophon-full-'));
  const dataDir = path.join(dir, 'postgres');
  const { url } = await startEmbedded({
    dataDir,
    settings: { fsync: 'off', max_connections: String(MAX_CONNECTIONS) },
  });
  await migrate(url, () => installQueue(url, { leaseSec: 40 }));
  site = await createSite({ leaseSec: LEASE_SEC, database: { url, drop: async () => undefined } });
  hand = new pg.Client({ connectionString: url, application_name: OURS });
  await hand.connect();
});
test.after(async () => {
  endAllCli();
  await letGo();
  await hand.end();
  await site[Symbol.asyncDispose]();
  await stopEmbedded(path.join(dir, 'postgres'));
  await rm(dir, { recursive: true, force: true });
});

test('a worker that starts on a full server waits, says so, and begins when a connection is free', async () => {
  await takeAll();
  const worker = startCli(['worker'], site.env);
  await worker.noted('all connections of the database are in use');
  await letGo();
  await worker.said('worker ready');
  worker.child.kill('SIGTERM');
  assert.equal((await worker.ended).exitCode, 0);
});

test('a worker that loses its connections on a full server gets them back, and its task completes in the same attempt', async () => {
  const instance = await startInstance(site);
  try {
    const taskId = await site.addTask('wait');
    await instance.event('engine.started', (event) => event['taskId'] === taskId);
    // The quickest process gets the connection that was freed: this is tried again until it is the test.
    while (others.length + 1 < MAX_CONNECTIONS) {
      await endOtherConnections();
      await takeAll();
    }
    await site.letGo('wait');
    await instance.event('task.end_delayed', (event) =>
      /too many clients|reserved/.test(String(event['error'])),
    );
    await letGo();
    const row = await site.waitFor(taskId, 'completed', 'failed');
    assert.deepEqual([row.task_status, row.fence, row.crashes], ['completed', 1, 0]);
  } finally {
    await letGo();
    await instance.stop();
  }
});

test.run();

/** Connections of the instance, and of the site, which opens others when it needs them. */
async function endOtherConnections(): Promise<void> {
  await hand.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND application_name <> $1`,
    [OURS],
  );
}

/** Takes all free connections again and again, also those that others close meanwhile. */
async function takeAll(): Promise<void> {
  for (let refusals = 0; refusals < 3; ) {
    const client = new pg.Client({ connectionString: site.url, application_name: OURS });
    client.on('error', () => undefined);
    await client.connect().then(
      () => others.push(client),
      () => {
        refusals += 1;
      },
    );
  }
}

async function letGo(): Promise<void> {
  const ending = others.map((client) => client.end());
  others = [];
  await Promise.all(ending);
}
