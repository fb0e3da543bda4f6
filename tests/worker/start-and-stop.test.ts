import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import type { SiteResources } from '../../src/app/resources.ts';
import { createWorker } from '../../src/app/worker.ts';
import { type Log, silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { createSite } from '../../testing/site.ts';
import { until } from '../../testing/time-limits.ts';

const test = suite('a worker that starts and stops');

const NO_RESOURCES: SiteResources = {
  engines: new Map(),
  languages: new Map(),
  findLanguage: async () => assert.fail('nothing is aligned here'),
  decodeAudio: async () => assert.fail('nothing is decoded here'),
};

test('a worker that is stopped while it starts begins nothing after its stop has ended', async () => {
  await using site = await createSite();
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const log: Log = { ...silentLog, info: say, with: () => log };
  await using app = await openApp(readConfig(site.env, {}, site.dir), log, 'test');
  const { worker } = await createWorker(app, { resources: NO_RESOURCES });
  const before = countTimers();
  const starting = worker.start();
  await worker.stop();
  await starting;
  assert.equal(said.at(-1), 'worker.stopped');
  assert.ok(countTimers() <= before, `${countTimers()} timers run, ${before} did before`);
});

test('a worker whose row a failover has lost writes it again as soon as it hears notifications again', async () => {
  await using site = await createSite();
  await using app = await openApp(readConfig(site.env, {}, site.dir), silentLog, 'test');
  // Signs of life would write it, too, some seconds later.
  mock.timers.enable({ apis: ['setInterval'] });
  const { worker, context } = await createWorker(app, { resources: NO_RESOURCES });
  try {
    await worker.start();
    await site.sql.query('DELETE FROM instances');
    worker.listening();
    await until('the row to be there', async () => {
      const { rows } = await site.sql.query('SELECT id FROM instances');
      return rows[0]?.id === context.instanceId;
    });
  } finally {
    await worker.stop();
    mock.timers.reset();
  }
});

test.run();

/** A sweep or heartbeat that begins after the end would go on for ever. */
function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
