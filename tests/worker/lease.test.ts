import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { suite } from 'uvu';
import type { Log } from '../../src/base/log.ts';
import { silentLog } from '../../src/base/log.ts';
import type { ClaimedJob, Queue } from '../../src/queue/queue.ts';
import { LeaseKeeper } from '../../src/worker/lease.ts';

const test = suite('leases');
const JOB: ClaimedJob = { id: 'a', retryCount: 0, taskRowId: '1', leaseSec: 50 };
const HEARTBEAT_SEC = 5;

test.before.each(() => mock.timers.enable({ apis: ['setInterval', 'setTimeout'] }));
test.after.each(() => mock.timers.reset());

test('a heartbeat that failed is tried again after a second, not at the next regular time', async () => {
  const said: string[] = [];
  let beats = 0;
  let isAway = true;
  const keeper = startKeeper(said, async (jobs) => {
    beats += 1;
    if (isAway) throw new Error('away');
    return new Set(jobs.map(({ id }) => id));
  });
  keeper.hold(JOB, performance.now());
  await pass(HEARTBEAT_SEC * 1000);
  assert.equal(beats, 1);
  await pass(1000);
  await pass(1000);
  assert.equal(beats, 3);
  isAway = false;
  await pass(1000);
  assert.equal(beats, 4);
  await pass(1000);
  assert.equal(beats, 4);
  assert.deepEqual(said, ['heartbeat failed; trying again', 'heartbeats reach the database again']);
  keeper.stop();
});

test('however long the outage, there is one try a second', async () => {
  const refusalMs = 10;
  let beats = 0;
  const keeper = startKeeper([], async () => {
    beats += 1;
    await new Promise((resolve) => setTimeout(resolve, refusalMs));
    throw new Error('away');
  });
  // As that of a task that is done, while its end cannot be written.
  keeper.hold(JOB, performance.now());
  const outageSec = 60;
  for (let ms = 0; ms < outageSec * 1000; ms += refusalMs) await pass(refusalMs);
  assert.ok(beats <= outageSec, `${beats} tries in ${outageSec} s`);
  keeper.stop();
});

test('a keeper that was stopped tries nothing again', async () => {
  let beats = 0;
  const keeper = startKeeper([], async () => {
    beats += 1;
    throw new Error('away');
  });
  keeper.hold(JOB, performance.now());
  await pass(HEARTBEAT_SEC * 1000);
  keeper.stop();
  await pass(60_000);
  assert.equal(beats, 1);
});

test.run();

function startKeeper(said: string[], heartbeat: Queue['heartbeat']): LeaseKeeper {
  const say = (event: string) => void said.push(event);
  const log: Log = { ...silentLog, info: say, warn: say };
  const keeper = new LeaseKeeper({ queue: { heartbeat } as Queue, heartbeatSec: HEARTBEAT_SEC, log });
  keeper.start();
  return keeper;
}

/** Lets time pass, and what it has set off come to its end. */
async function pass(ms: number): Promise<void> {
  mock.timers.tick(ms);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
