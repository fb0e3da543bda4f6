import assert from 'node:assert/strict';
import { suite } from 'uvu';
import { openApp } from '../../src/app/open.ts';
import { createWorker } from '../../src/app/worker.ts';
import { type Log, silentLog } from '../../src/base/log.ts';
import { readConfig } from '../../src/config.ts';
import { createSite } from '../../testing/site.ts';

const test = suite('a worker that starts and stops');

test('a worker that is stopped while it starts begins nothing after its stop has ended', async () => {
  await using site = await createSite();
  const said: string[] = [];
  const say = (event: string) => void said.push(event);
  const log: Log = { ...silentLog, info: say, with: () => log };
  await using app = await openApp(readConfig(site.env, {}, site.dir), log, 'test');
  const { worker } = await createWorker(app, {
    resources: {
      engines: new Map(),
      languages: new Map(),
      findLanguage: async () => assert.fail('nothing is aligned here'),
      decodeAudio: async () => assert.fail('nothing is decoded here'),
    },
  });
  const before = countTimers();
  const starting = worker.start();
  await worker.stop();
  await starting;
  assert.equal(said.at(-1), 'worker.stopped');
  assert.ok(countTimers() <= before, `${countTimers()} timers run, ${before} did before`);
});

test.run();

/** A sweep or heartbeat that begins after the end would go on for ever. */
function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}
