import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { Queue } from '../../src/queue/queue.ts';
import { type Claim, type ClaimContext, claimNext } from '../../src/worker/claim.ts';
import { LeaseKeeper } from '../../src/worker/lease.ts';
import { settle } from '../../src/worker/settle.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('turns of users');
const FLOOD = 1_000;
const MANY = 60;
let database: TestDatabase;
let sql: pg.Client;
let db: Db;
let queue: Queue;
let context: ClaimContext;

test.before(async () => {
  database = await createTestDatabase();
  sql = new pg.Client(database.url);
  await sql.connect();
  db = connect({ url: database.url, applicationName: 'fairness test', maxConnections: 2 });
  queue = new Queue({ url: database.url, leaseSec: 40, onError: () => undefined });
  await queue.start();
  const leases = new LeaseKeeper({ heartbeat: queue.heartbeat, heartbeatSec: 5, log: silentLog });
  context = { db, queue, leases, log: silentLog, instanceId: 'here', findDeath: async () => null };
});
test.before.each(async () => {
  await sql.query('DELETE FROM tasks');
});
test.after(async () => {
  await queue.stop();
  await db.destroy();
  await sql.end();
  await database.drop();
});

/** Queues tasks `<user>1`, `<user>2` ... in one statement, as a program does that queues a corpus. */
async function queueTasks(
  user: string,
  count: number,
  { priority = 0, from = 1, engine = 'SPHINX' } = {},
): Promise<void> {
  await sql.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, priority)
     SELECT $1 || n, $1, 'engUS_' || $5 || '_v010', $1 || '/upl/x', 'uploaded', $2
     FROM generate_series($3::int, $3 + $4 - 1) AS n ORDER BY n`,
    [user, priority, from, count, engine],
  );
}

async function claim(withoutEngines: string[] = []): Promise<Claim> {
  const found = await claimNext(context, withoutEngines);
  assert.ok(found !== null, 'something waits');
  return found;
}

/**
 * Claims a number of tasks, which then run.
 * @returns their names in the order of the claims
 */
async function take(count: number, withoutEngines: string[] = []): Promise<string[]> {
  const names: string[] = [];
  for (let n = 0; n < count; n++) names.push((await claim(withoutEngines)).task.task_id);
  return names;
}

/** Ends the first tasks of a user, without running them. */
async function endFirst(user: string, count: number): Promise<void> {
  await sql.query(
    `UPDATE tasks SET task_status = 'failed', error_code = 'E_IO', error_message = 'x'
     WHERE id IN (SELECT id FROM tasks WHERE user_uuid = $1 ORDER BY id LIMIT $2)`,
    [user, count],
  );
}

test('a thousand tasks of one user delay the single task of another only by those that already run', async () => {
  await queueTasks('ann', FLOOD);
  assert.deepEqual(await take(4), ['ann1', 'ann2', 'ann3', 'ann4']);
  await queueTasks('bob', 1);
  assert.deepEqual(await take(2), ['bob1', 'ann5']);
});

test('the last of a thousand tasks is not held up by the thousand of another user', async () => {
  await queueTasks('ann', FLOOD);
  await endFirst('ann', FLOOD - 2);
  await take(1);
  await queueTasks('bob', FLOOD);
  assert.ok((await take(2)).includes(`ann${FLOOD}`));
});

test('this holds also when all workers had stopped in between', async () => {
  await queueTasks('ann', MANY);
  await endFirst('ann', MANY - 1);
  await queueTasks('bob', MANY);
  assert.ok((await take(2)).includes(`ann${MANY}`));
});

test('a user with a task that waits for something else has no advantage with new tasks', async () => {
  await queueTasks('bob', 1, { engine: 'MFA1' });
  await queueTasks('ann', MANY);
  await take(20, ['MFA1']);
  await queueTasks('bob', MANY, { from: 2 });
  const next = await take(6, ['MFA1']);
  assert.equal(next.filter((name) => name.startsWith('ann')).length, 3);
});

test('users take turns, however many tasks they have and whichever came first', async () => {
  await queueTasks('ann', MANY);
  await queueTasks('bob', 3);
  await queueTasks('cid', 2);
  assert.deepEqual(await take(7), ['ann1', 'bob1', 'cid1', 'ann2', 'bob2', 'cid2', 'ann3']);
});

test('a user who returns after a while takes turns with the others, neither before nor behind them', async () => {
  await queueTasks('ann', MANY);
  await queueTasks('bob', MANY);
  await take(20);
  await queueTasks('cid', 3);
  const next = await take(9);
  assert.deepEqual(
    next.filter((name) => name.startsWith('cid')),
    ['cid1', 'cid2', 'cid3'],
  );
});

test('a higher priority goes first, within a user and among users', async () => {
  await queueTasks('ann', 3);
  await queueTasks('ann', 1, { priority: 5, from: 4 });
  await queueTasks('bob', 1, { priority: -1 });
  await queueTasks('cid', 1, { priority: 3 });
  await sql.query("UPDATE tasks SET priority = 1 WHERE task_id = 'ann3'");
  assert.deepEqual(await take(6), ['ann4', 'cid1', 'ann3', 'ann1', 'ann2', 'bob1']);
});

test('a task whose priority is changed takes turns with the others of that priority', async () => {
  await queueTasks('ann', MANY);
  await queueTasks('bob', MANY, { priority: 1 });
  await sql.query(`UPDATE tasks SET priority = 1 WHERE task_id = 'ann${MANY}'`);
  assert.ok((await take(2)).includes(`ann${MANY}`));
});

test("urgent tasks of a user do not delay the user's other tasks", async () => {
  await queueTasks('ann', MANY, { priority: 5 });
  await queueTasks('bob', 2);
  await queueTasks('ann', 1, { from: MANY + 1 });
  await endFirst('ann', MANY);
  assert.ok((await take(2)).includes(`ann${MANY + 1}`));
});

test('a user who always has one waiting and one running task does not delay the others', async () => {
  await queueTasks('ann', MANY);
  await queueTasks('bob', 1);
  let ofAnn = 0;
  for (let n = 0, from = 2; n < 10; n++) {
    const [name = ''] = await take(1);
    if (name.startsWith('ann')) ofAnn++;
    else await queueTasks('bob', 1, { from: from++ });
  }
  assert.equal(ofAnn, 5);
});

test('a flood of tasks for one engine does not delay tasks of another engine on the same machines', async () => {
  await queueTasks('ann', MANY);
  await take(20);
  await queueTasks('cid', MANY, { engine: 'MFA1' });
  const next = await take(6);
  assert.equal(next.filter((name) => name.startsWith('ann')).length, 3);
});

test('an engine with machines of its own has turns of its own', async () => {
  await queueTasks('cid', MANY, { engine: 'MFA1' });
  await queueTasks('ann', MANY);
  await take(50, ['MFA1']);
  // At first no machine has the engine, then one has it.
  await queueTasks('bob', 1, { engine: 'MFA1' });
  assert.deepEqual(await take(2, ['SPHINX']), ['cid1', 'bob1']);
  await queueTasks('dan', 3, { engine: 'MFA1' });
  const next = await take(5, ['SPHINX']);
  assert.deepEqual(
    next.filter((name) => name.startsWith('dan')),
    ['dan1', 'dan2', 'dan3'],
  );
});

test('a task that goes back to the queue comes before the other tasks of its user', async () => {
  await queueTasks('ann', MANY);
  const claimed = await claim();
  await settle({ kind: 'handed back', note: 'the instance is stopping' }, claimed, context);
  await queueTasks('bob', 2);
  assert.deepEqual(await take(4), ['ann1', 'bob1', 'ann2', 'bob2']);
});

test.run();
