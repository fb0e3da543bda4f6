import assert from 'node:assert/strict';
import type pg from 'pg';
import { suite } from 'uvu';
import { TaskError } from '../../src/base/errors.ts';
import { silentLog } from '../../src/base/log.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { Queue } from '../../src/queue/queue.ts';
import { type ClaimContext, claimNext, claimTask } from '../../src/worker/claim.ts';
import { LeaseKeeper } from '../../src/worker/lease.ts';
import { settle } from '../../src/worker/settle.ts';
import { createSite, type Site } from '../../testing/site.ts';

const test = suite('a task that is changed while a worker claims it, or ends it');
let site: Site;
let db: Db;
let queue: Queue;
let context: ClaimContext;
let hand: pg.PoolClient;

test.before(async () => {
  site = await createSite();
  db = connect({ url: site.url, applicationName: 'worker of the test', maxConnections: 2 });
  queue = new Queue({ url: site.url, leaseSec: 40, onError: () => undefined });
  await queue.start();
  const leases = new LeaseKeeper({ heartbeat: queue.heartbeat, heartbeatSec: 5, log: silentLog });
  context = { db, queue, leases, log: silentLog, instanceId: 'here', findDeath: async () => null };
  hand = await site.sql.connect();
  // A deadlock would be found in this session first, and so the test gets the error.
  await hand.query("SET deadlock_timeout = '10ms'");
});
test.after(async () => {
  hand.release(true);
  await queue.stop();
  await db.destroy();
  await site[Symbol.asyncDispose]();
});

/** An application that changes a task in several steps. */
async function change(taskId: string, meanwhile: () => Promise<void>, change: string): Promise<void> {
  await hand.query('BEGIN');
  await hand.query("UPDATE tasks SET trans_choice = 'x' WHERE task_id = $1", [taskId]);
  await meanwhile();
  await hand.query(`UPDATE tasks SET ${change} WHERE task_id = $1`, [taskId]);
  await hand.query('COMMIT');
}

const untilWorkerMeetsLock = () =>
  site.until('the worker to meet the lock', async () => {
    const { rows } = await site.sql.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'worker of the test'
       AND (wait_event_type = 'Lock' OR (state = 'idle' AND query ILIKE 'rollback%'))`,
    );
    return rows.length > 0;
  });

async function untilClaimed(taskId: string): Promise<void> {
  await site.until('the task to be claimed', async () => {
    const claim = await claimNext(context, []);
    claim?.lease.release();
    return claim?.task.task_id === taskId;
  });
}

test('it can be cancelled while a worker wants to claim it, and neither is refused', async () => {
  const taskId = await site.addTask('one');
  await change(
    taskId,
    async () => assert.equal(await claimNext(context, []), null),
    'cancel_requested = true',
  );
  assert.equal((await site.row(taskId)).task_status, 'cancelled');
  assert.equal(await claimNext(context, []), null);
});

test('its priority can be changed while a worker wants to claim it, and it is claimed soon after', async () => {
  const taskId = await site.addTask('one');
  await change(taskId, async () => assert.equal(await claimNext(context, []), null), 'priority = 7');
  await untilClaimed(taskId);
});

test('a task that a psql session has locked for long does not delay the next one', async () => {
  const first = await site.addTask('one', { priority: 1 });
  const second = await site.addTask('one');
  const claimSecond = async () => {
    const claim = await claimNext(context, []);
    assert.equal(claim?.task.task_id, second);
    claim?.lease.release();
  };
  await change(first, claimSecond, 'priority = 2');
  await untilClaimed(first);
});

test('a claim of one given task waits for it', async () => {
  const taskId = await site.addTask('one');
  const jobId = String((await site.row(taskId))['job_id']);
  let claiming: ReturnType<typeof claimTask> = Promise.resolve(null);
  const startClaim = async () => {
    claiming = claimTask(context, jobId);
    await untilWorkerMeetsLock();
  };
  await change(taskId, startClaim, 'priority = 7');
  const claim = await claiming;
  assert.equal(claim?.task.task_id, taskId);
  claim?.lease.release();
});

test('a job without a lease gets one with the claim, so that a dead holder is noticed', async () => {
  const taskId = await site.addTask('one');
  await site.sql.query('UPDATE pgboss.job SET heartbeat_seconds = NULL');
  await untilClaimed(taskId);
  await site.sql.query(
    "UPDATE pgboss.job SET heartbeat_on = now() - interval '1 minute' WHERE state = 'active'",
  );
  await queue.sweep(db);
  await untilClaimed(taskId);
  assert.equal((await site.row(taskId))['takeovers'], 1);
});

test('it can be cancelled while its end is being written, and that end is not written', async () => {
  const taskId = await site.addTask('one');
  const claim = await claimNext(context, []);
  assert.ok(claim !== null && claim.task.task_id === taskId);
  let settling: Promise<boolean> = Promise.resolve(true);
  const startSettling = async () => {
    settling = settle({ kind: 'failed', error: new TaskError('E_IO', 'x') }, claim, context);
    await untilWorkerMeetsLock();
  };
  await change(taskId, startSettling, 'cancel_requested = true');
  assert.equal(await settling, false);
  const { task_status, error_code } = await site.row(taskId);
  assert.deepEqual([task_status, error_code], ['cancelled', null]);
});

test.run();
