import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { isDatabaseAway } from '../../src/db/statement-fault.ts';
import type { RunningAttempt } from '../../src/queue/heartbeat.ts';
import { Queue } from '../../src/queue/queue.ts';
import { type ClaimContext, claimNext } from '../../src/worker/claim.ts';
import { LeaseKeeper } from '../../src/worker/lease.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { withEnoughTime } from '../../testing/time-limits.ts';

const test = suite('heartbeats');
let database: TestDatabase;

test.before(async () => {
  database = await createTestDatabase();
});
test.after(async () => {
  await database.drop();
});

test('a heartbeat on a dead connection fails soon, and the next one gets through', async () => {
  const url = new URL(database.url);
  const serverPort = Number(url.port);
  await using proxy = await startTcpProxy(() => serverPort);
  url.port = String(proxy.port);
  const attempt = { job: { id: randomUUID(), retryCount: 0 }, task: { id: '1', fence: 1, claim: '1-0' } };
  // A slow server does not answer in time either.
  const isAway = (error: unknown) => (isDatabaseAway(error) ? 'away' : Promise.reject(error));
  const answers = await withEnoughTime(
    async (leaseSec) => {
      const queue = new Queue({ url: url.href, leaseSec, onError: () => undefined });
      await queue.start();
      try {
        const before = await queue.heartbeat.renew([attempt]).catch(isAway);
        if (before === 'away') return [before];
        assert.ok(proxy.silence(null) > 0);
        await assert.rejects(queue.heartbeat.renew([attempt]), isDatabaseAway);
        return [before, await queue.heartbeat.renew([attempt]).catch(isAway)];
      } finally {
        // Sessions that were dead before are not waited for.
        await queue.stop();
      }
    },
    (found) => !found.includes('away'),
    8,
  );
  assert.deepEqual(answers, [['lost'], ['lost']]);
});

test('a heartbeat renews exactly the running attempts, and leaves out those that another session holds', async () => {
  const db = connect({ url: database.url, applicationName: 'heartbeat test', maxConnections: 2 });
  const queue = new Queue({ url: database.url, leaseSec: 40, onError: () => undefined });
  const hand = new pg.Client(database.url);
  await Promise.all([queue.start(), hand.connect()]);
  try {
    const [first, second] = [await claim(db, queue, hand), await claim(db, queue, hand)];
    const others = [
      { ...first, job: { ...first.job, retryCount: first.job.retryCount + 1 } },
      { ...first, job: second.job },
      { ...first, task: { ...first.task, fence: first.task.fence + 1 } },
      { ...first, task: { ...first.task, claim: second.task.claim } },
      { ...first, task: { ...first.task, id: '999' } },
    ];
    const asked = [...others, first, second];
    const lost = others.map(() => 'lost');
    assert.deepEqual(await queue.heartbeat.renew(asked), [...lost, 'renewed', 'renewed']);
    assert.deepEqual(await queue.heartbeat.look(asked), [...others.map(() => false), true, true]);

    // A cancellation whose transaction stays open.
    await hand.query('BEGIN');
    await hand.query(`UPDATE tasks SET task_status = 'cancelled' WHERE id = $1`, [second.task.id]);
    assert.deepEqual(await queue.heartbeat.renew(asked), [...lost, 'renewed', 'blocked']);
    await hand.query('COMMIT');
    assert.deepEqual(await queue.heartbeat.renew(asked), [...lost, 'renewed', 'lost']);
    assert.deepEqual(await queue.heartbeat.look([first, second]), [true, false]);
  } finally {
    await Promise.all([queue.stop(), db.destroy(), hand.end()]);
  }
});

test('a locked job of a silent holder does not keep the jobs of others from being taken over', async () => {
  const db = connect({ url: database.url, applicationName: 'heartbeat test', maxConnections: 2 });
  const queue = new Queue({ url: database.url, leaseSec: 40, onError: () => undefined });
  const hand = new pg.Client(database.url);
  await Promise.all([queue.start(), hand.connect()]);
  try {
    const attempts = [
      await claim(db, queue, hand),
      await claim(db, queue, hand),
      await claim(db, queue, hand),
    ];
    const [held, free, alive] = attempts.map(({ job }) => job.id);
    await hand.query(`UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE id = ANY ($1)`, [
      [held, free],
    ]);
    await hand.query('BEGIN');
    await hand.query('SELECT FROM pgboss.job WHERE id = $1 FOR UPDATE', [held]);
    await queue.sweep(db);
    const states = async () => {
      const { rows } = await sql<{ id: string; state: string }>`SELECT id, state FROM pgboss.job`.execute(db);
      return [held, free, alive].map((id) => rows.find((row) => row.id === id)?.state);
    };
    assert.deepEqual(await states(), ['active', 'retry', 'active']);
    await hand.query('COMMIT');
    await queue.sweep(db);
    assert.deepEqual(await states(), ['retry', 'retry', 'active']);
  } finally {
    await Promise.all([queue.stop(), db.destroy(), hand.end()]);
  }
});

test.run();

async function claim(db: Db, queue: Queue, hand: pg.Client): Promise<RunningAttempt> {
  await hand.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status) VALUES ($1, 'ann', 'x_TRIVIAL_y', 'ann/upl/x', 'uploaded')`,
    [randomUUID()],
  );
  const leases = new LeaseKeeper({ heartbeat: queue.heartbeat, heartbeatSec: 5, log: silentLog });
  const findDeath = async () => null;
  const context: ClaimContext = { db, queue, leases, log: silentLog, instanceId: 'here', findDeath };
  const claimed = await claimNext(context, []);
  assert.ok(claimed !== null);
  return { job: claimed.lease.job, task: claimed.task };
}
