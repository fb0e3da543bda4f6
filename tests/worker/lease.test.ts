import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { suite } from 'uvu';
import type { Log } from '../../src/base/log.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Fence } from '../../src/db/attempts.ts';
import type { Heartbeat, LeaseState, RunningAttempt } from '../../src/queue/heartbeat.ts';
import type { ClaimedJob } from '../../src/queue/queue.ts';
import { LeaseKeeper } from '../../src/worker/lease.ts';

const test = suite('leases');
const JOB: ClaimedJob = { id: 'a', retryCount: 0, taskRowId: '1', holder: null, leaseSec: 50 };
const TASK: Fence = { id: '1', fence: 1, claim: '1-0' };
const HEARTBEAT_SEC = 5;

let nowMs = 0;

test.before.each(() => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  mock.method(performance, 'now', () => nowMs);
});
test.after.each(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test('a heartbeat that failed is tried again after a second, not at the next regular time', async () => {
  const said: string[] = [];
  let beats = 0;
  let isAway = true;
  const keeper = startKeeper(said, {
    renew: async (attempts) => {
      beats += 1;
      if (isAway) throw new Error('away');
      return attempts.map(() => 'renewed');
    },
  });
  keeper.hold(JOB, TASK, performance.now());
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
  assert.deepEqual(said, ['lease.heartbeat_failed', 'lease.heartbeat_again']);
  keeper.stop();
});

test('however long the outage, there is one try a second', async () => {
  const refusalMs = 10;
  let beats = 0;
  const keeper = startKeeper([], {
    renew: async () => {
      beats += 1;
      await new Promise((resolve) => setTimeout(resolve, refusalMs));
      throw new Error('away');
    },
  });
  // Like that of a finished task whose end cannot be written.
  keeper.hold(JOB, TASK, performance.now());
  const outageSec = 60;
  for (let ms = 0; ms < outageSec * 1000; ms += refusalMs) await pass(refusalMs);
  assert.ok(beats <= outageSec, `${beats} tries in ${outageSec} s`);
  keeper.stop();
});

test('a stopped keeper tries nothing again', async () => {
  let beats = 0;
  const keeper = startKeeper([], {
    renew: async () => {
      beats += 1;
      throw new Error('away');
    },
  });
  keeper.hold(JOB, TASK, performance.now());
  await pass(HEARTBEAT_SEC * 1000);
  keeper.stop();
  await pass(60_000);
  assert.equal(beats, 1);
});

test('of two attempts of one task, only the one that the database does not know is given up', async () => {
  const lost = (attempts: readonly RunningAttempt[]) => attempts.map(({ task }) => task.fence === 1);
  for (const how of ['a notification', 'a heartbeat']) {
    const keeper = startKeeper([], {
      look: async (attempts) => lost(attempts).map((isLost) => !isLost),
      renew: async (attempts) => lost(attempts).map((isLost): LeaseState => (isLost ? 'lost' : 'renewed')),
    });
    const earlier = keeper.hold(JOB, TASK, performance.now());
    const present = keeper.hold({ ...JOB, retryCount: 1 }, { ...TASK, fence: 2 }, performance.now());
    if (how === 'a notification') keeper.hint();
    await pass(how === 'a notification' ? 0 : HEARTBEAT_SEC * 1000);
    assert.deepEqual([earlier.signal.aborted, present.signal.aborted], [true, false], how);
    keeper.stop();
  }
});

test('a notification ends nothing while the database does not answer', async () => {
  const keeper = startKeeper([], { look: async () => Promise.reject(new Error('away')) });
  const { signal } = keeper.hold(JOB, TASK, performance.now());
  keeper.hint();
  await pass(1000);
  assert.equal(signal.aborted, false);
  keeper.stop();
});

test('a thousand notifications during a search lead to one more search', async () => {
  let looks = 0;
  const answer = Promise.withResolvers<boolean[]>();
  const keeper = startKeeper([], {
    look: () => {
      looks += 1;
      return looks === 1 ? answer.promise : Promise.resolve([true]);
    },
  });
  keeper.hold(JOB, TASK, performance.now());
  keeper.hint();
  nowMs += 1;
  for (let n = 0; n < 1000; n++) keeper.hint();
  assert.equal(looks, 1);
  answer.resolve([true]);
  await pass(60_000);
  assert.equal(looks, 2);
  keeper.stop();
});

test('a cancellation that is announced while a claim is being made is found', async () => {
  const keeper = startKeeper([], { look: async () => [false] });
  const claimedAtMs = performance.now();
  keeper.hint();
  const { signal } = keeper.hold(JOB, TASK, claimedAtMs);
  await pass(0);
  assert.equal(signal.aborted, true);
  keeper.stop();
});

test('a lease that could not be renewed because the job is locked ends in time, and says so', async () => {
  const keeper = startKeeper([], { renew: async (attempts) => attempts.map((): LeaseState => 'blocked') });
  const { signal } = keeper.hold(JOB, TASK, performance.now());
  for (let ms = 0; ms <= JOB.leaseSec * 1000; ms += 500) await pass(500);
  assert.match(String(signal.reason), /an open transaction of another session has held its job for 4\d s/);
  keeper.stop();
});

test.run();

function startKeeper(said: string[], heartbeat: Partial<Pick<Heartbeat, 'renew' | 'look'>>): LeaseKeeper {
  const say = (event: string) => void said.push(event);
  const log: Log = { ...silentLog, info: say, warn: say };
  const renew: Heartbeat['renew'] = async (attempts) => attempts.map(() => 'renewed');
  const look: Heartbeat['look'] = async () => assert.fail('nothing was hinted at');
  const keeper = new LeaseKeeper({
    heartbeat: { renew, look, ...heartbeat },
    heartbeatSec: HEARTBEAT_SEC,
    log,
  });
  keeper.start();
  return keeper;
}

/** Advances the clock, and waits until everything that this starts has ended. */
async function pass(ms: number): Promise<void> {
  nowMs += ms;
  mock.timers.tick(ms);
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}
