import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { suite } from 'uvu';
import { silentLog } from '../../src/base/log.ts';
import { connect, type Db } from '../../src/db/connect.ts';
import { Queue } from '../../src/queue/queue.ts';
import { type Claim, type ClaimContext, claimNext, claimTask } from '../../src/worker/claim.ts';
import { LeaseKeeper } from '../../src/worker/lease.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('the claim');
const HELD = 2_000;
let database: TestDatabase;
let db: Db;
let queue: Queue;
let sql: pg.Client;
/** A session in psql. */
let hand: pg.Client;
let context: ClaimContext;

test.before.each(async () => {
  database = await createTestDatabase();
  db = connect({
    url: database.url,
    applicationName: 'worker of the test',
    maxConnections: 4,
    waitsForConnection: true,
  });
  queue = new Queue({ url: database.url, leaseSec: 40, onError: () => undefined });
  await queue.start();
  const leases = new LeaseKeeper({ heartbeat: queue.heartbeat, heartbeatSec: 5, log: silentLog });
  context = { db, queue, leases, log: silentLog, instanceId: 'here', findDeath: async () => null };
  sql = new pg.Client(database.url);
  hand = new pg.Client(database.url);
  await sql.connect();
  await hand.connect();
});
test.after.each(async () => {
  await hand.end();
  await sql.end();
  await queue.stop();
  await db.destroy();
  await database.drop();
});

for (const [what, change] of [
  ['a job that waits for the first time', ''],
  ['a job that was put back', "state = 'retry', started_on = now() - interval '1 hour', retry_count = 3"],
  [
    'a job whose holder went silent',
    "state = 'retry', started_on = now() - interval '1 hour', heartbeat_on = NULL",
  ],
] as const) {
  test(`changes ${what} as pg-boss's own fetch does, and has it never expire by age`, async () => {
    await addTasks('a', 2);
    if (change !== '') await sql.query(`UPDATE pgboss.job SET ${change}`);
    const first = await claimNext(context, []);
    const second = await fetchByBoss();
    const [ours, theirs] = [await readJob(first?.lease.job.id), await readJob(second)];
    for (const column of ['id', 'data', 'priority', 'start_after', 'keep_until', 'created_on']) {
      delete ours[column];
      delete theirs[column];
    }
    for (const column of ['started_on', 'heartbeat_on']) {
      assert.ok(ours[column] instanceof Date && theirs[column] instanceof Date, column);
      delete ours[column];
      delete theirs[column];
    }
    assert.equal(ours['expire_seconds'], 315_360_000);
    assert.deepEqual({ ...ours, expire_seconds: theirs['expire_seconds'] }, theirs);
    first?.lease.release();
  });
}

test('takes jobs in the order of pg-boss, with and without engines left out', async () => {
  await addTasks('a', 40);
  await sql.query("UPDATE tasks SET engine = 'OTHER' WHERE id % 3 = 0");
  await sql.query(`UPDATE pgboss.job SET group_id = tasks.engine FROM tasks WHERE tasks.job_id = job.id`);
  await sql.query(`UPDATE pgboss.job SET group_id = NULL WHERE (data ->> 'id')::int % 7 = 0`);
  await sql.query(`UPDATE pgboss.job SET priority = (data ->> 'id')::int % 5,
    created_on = now() - ((data ->> 'id')::int * 7 % 11) * interval '1 second' - (data ->> 'id')::int * interval '1 ms',
    start_after = now() + CASE WHEN (data ->> 'id')::int % 6 = 0 THEN interval '1 hour' ELSE interval '-1 hour' END,
    state = (CASE WHEN (data ->> 'id')::int % 2 = 0 THEN 'retry' ELSE 'created' END)::pgboss.job_state`);
  for (const without of [[], ['OTHER'], ['TRIVIAL'], ['NONE'], ['OTHER', 'TRIVIAL']]) {
    const expected = await inOrder(`name = 'align' AND state < 'active' AND start_after <= now()
      AND (group_id IS NULL OR group_id <> ALL ('{${without.join(',')}}'))`);
    const found: string[] = [];
    await sql.query('BEGIN');
    for (;;) {
      const { rows } = await sql.query('SELECT find_next_job($1) AS id', [without]);
      if (rows[0].id === null) break;
      found.push(rows[0].id);
      await sql.query("UPDATE pgboss.job SET state = 'active' WHERE id = $1", [rows[0].id]);
    }
    await sql.query('ROLLBACK');
    const isByEngine = without.length > 0;
    // If engines are left out, the order between jobs of several engines is that of their first jobs.
    assert.deepEqual(isByEngine ? [...found].sort() : found, isByEngine ? [...expected].sort() : expected);
    if (isByEngine) assert.equal(found[0], expected[0]);
  }
});

test('finds the one free task behind two thousand locked ones, in its first transaction', async () => {
  await addTasks('held', HELD);
  await hand.query('BEGIN');
  await hand.query("UPDATE tasks SET status_note = 'looked at' WHERE task_status = 'uploaded'");
  await addTasks('free', 1);
  await sql.query(
    "UPDATE pgboss.job SET priority = -1000000 WHERE id = (SELECT job_id FROM tasks WHERE user_uuid = 'free')",
  );
  let transactions = 0;
  const counting = new Proxy(db, {
    get: (target, name) => {
      if (name === 'transaction') transactions++;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const claim = await claimNext({ ...context, db: counting }, []);
  assert.equal(claim?.task.user_uuid, 'free');
  assert.equal(await claimNext({ ...context, db: counting }, []), null);
  assert.equal(transactions, 2);
  const { rows } = await sql.query(
    "SELECT count(*)::int AS n FROM pgboss.job WHERE state = 'created' AND start_after <= now()",
  );
  assert.equal(rows[0].n, HELD, 'nothing is set aside');
  claim?.lease.release();
  await hand.query('ROLLBACK');
  const next = await claimNext(context, []);
  assert.equal(next?.task.user_uuid, 'held');
  next?.lease.release();
});

test('obeys the stop signal', async () => {
  await addTasks('a', 1);
  const reason = new Error('stop');
  await assert.rejects(claimNext(context, [], AbortSignal.abort(reason)), reason);
  await hand.query('BEGIN');
  await hand.query('SELECT FROM pgboss.job FOR UPDATE');
  const stop = new AbortController();
  const held = Promise.withResolvers<void>();
  const { rows } = await sql.query('SELECT job_id FROM tasks');
  const waiting = claimTask(context, rows[0].job_id, { signal: stop.signal, onHeld: held.resolve });
  await Promise.race([held.promise, waiting]);
  stop.abort(reason);
  await assert.rejects(waiting);
  await hand.query('ROLLBACK');
});

test('waits for a certain task while its job is locked, and says so', async () => {
  await addTasks('a', 1);
  const { rows } = await sql.query('SELECT task_id, job_id FROM tasks');
  await hand.query('BEGIN');
  // Locks the job too.
  await hand.query('UPDATE tasks SET priority = 3');
  const held = Promise.withResolvers<void>();
  const claiming = claimTask(context, rows[0].job_id, { onHeld: held.resolve });
  await Promise.race([held.promise, claiming]);
  await hand.query('COMMIT');
  const claim = await claiming;
  assert.equal(claim?.task.task_id, rows[0].task_id);
  claim?.lease.release();
});

test('ends jobs without a task, whatever data they have, and goes on to the others', async () => {
  for (const data of ['{"id": "x"}', 'null', '{"id": 1e40}', '[]', '{"id": 999999}', '{"id": "-1"}'])
    await sql.query(
      "INSERT INTO pgboss.job (name, data, priority, policy) VALUES ('align', $1, 1000000, 'standard')",
      [data],
    );
  await addTasks('a', 1);
  // A second job of a task that has one.
  await sql.query(`INSERT INTO pgboss.job (name, data, priority, policy)
    SELECT 'align', jsonb_build_object('id', id), 2000000, 'standard' FROM tasks`);
  const claim = await claimNext(context, []);
  assert.equal(claim?.task.user_uuid, 'a');
  assert.equal(await claimNext(context, []), null);
  const { rows } = await sql.query('SELECT state, count(*)::int AS n FROM pgboss.job GROUP BY 1 ORDER BY 1');
  assert.deepEqual(
    rows.map(({ state, n }) => `${n} ${state}`),
    ['1 active', '7 completed'],
  );
  claim?.lease.release();
});

test('is not needed if a search finds that nothing waits; the search takes nothing, and skips locked rows', async () => {
  assert.equal(await queue.hasNext(db, [], 'here'), false);
  await addTasks('a', 2);
  assert.deepEqual(
    [await queue.hasNext(db, [], 'here'), await queue.hasNext(db, ['TRIVIAL'], 'here')],
    [true, false],
  );
  await hand.query('BEGIN');
  await hand.query('SELECT FROM tasks WHERE id = (SELECT min(id) FROM tasks) FOR UPDATE');
  assert.equal(await queue.hasNext(db, [], 'here'), true);
  await hand.query('SELECT FROM tasks FOR UPDATE');
  assert.equal(await queue.hasNext(db, [], 'here'), false);
  await hand.query('ROLLBACK');
  const { rows } = await sql.query("SELECT count(*)::int AS n FROM pgboss.job WHERE state = 'created'");
  assert.equal(rows[0].n, 2);
});

test('gives a task to one of many that claim at the same moment', async () => {
  await addTasks('a', 3);
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimNext(context, [])));
  const taken = claims.filter((claim): claim is Claim => claim !== null);
  assert.equal(new Set(taken.map(({ task }) => task.id)).size, taken.length);
  for (const { lease } of taken) lease.release();
  let rest = 0;
  while ((await claimNext(context, [])) !== null) rest++;
  assert.equal(taken.length + rest, 3);
});

test('a task that is lost again and again without proof waits longer each time, says so, and is never failed for it', async () => {
  await addTasks('a', 1);
  const delays: number[] = [];
  for (let n = 1; n <= 14; n++) {
    const claim = await claimNext(context, []);
    assert.equal(claim?.task.takeovers, n - 1);
    claim?.lease.release();
    await sql.query("UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE state = 'active'");
    // In one transaction now() stands still.
    await sql.query('BEGIN; SELECT sweep_jobs()');
    const { rows } = await sql.query(
      'SELECT extract(epoch FROM start_after - now())::int AS sec FROM pgboss.job',
    );
    await sql.query('COMMIT');
    delays.push(rows[0].sec);
    await sql.query('UPDATE pgboss.job SET start_after = now()');
  }
  assert.deepEqual(
    delays,
    Array.from({ length: 14 }, (_, n) => (n === 0 ? 0 : Math.min(600, 2 ** n))),
  );
  const { rows } = await sql.query('SELECT task_status, crashes, takeovers, status_note FROM tasks');
  const { status_note: note, ...counts } = rows[0];
  assert.deepEqual(counts, { task_status: 'processing', crashes: 0, takeovers: 13 });
  assert.match(note, /^instance here went silent; taken over 13 times before, .* tried again 600 s later$/);
  const claim = await claimNext(context, []);
  const { rows: after } = await sql.query(
    'SELECT status_note, (SELECT note FROM task_events ORDER BY id DESC LIMIT 1) FROM tasks',
  );
  assert.match(after[0].status_note, /^taken over 14 times since it was queued, without proof/);
  assert.match(after[0].note, /^taken over: instance here went silent in prepare; not known to have died$/);
  claim?.lease.release();
});

test('a death that is found by the claim counts in that claim, and only for the task that it takes', async () => {
  await addTasks('a', 2);
  const claims = [await claimNext(context, []), await claimNext(context, [])];
  for (const claim of claims) claim?.lease.release();
  await sql.query("UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour'");
  await queue.sweep(db);
  const attempts = claims.map((claim) => ({ id: claim?.task.id ?? '', claim: claim?.task.claim ?? '' }));
  const asked: string[] = [];
  const findDeath = async (instanceId: string) => {
    asked.push(instanceId);
    return { instanceId, attempts };
  };
  const next = await claimNext({ ...context, findDeath }, []);
  assert.deepEqual([next?.task.crashes, next?.task.takeovers, asked], [1, 1, ['here']]);
  const { rows } =
    await sql.query(`SELECT task, (SELECT note FROM task_events WHERE task_events.task = deaths.task
    ORDER BY id DESC LIMIT 1) FROM attempt_deaths AS deaths`);
  assert.deepEqual(rows, [
    { task: next?.task.id, note: 'taken over: instance here went silent in prepare, crash 1' },
  ]);
  next?.lease.release();
});

test('an instance that cannot be checked is not known to have died', async () => {
  await addTasks('a', 1);
  (await claimNext(context, []))?.lease.release();
  await sql.query("UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour'");
  await queue.sweep(db);
  const next = await claimNext({ ...context, findDeath: () => Promise.reject(new Error('EIO')) }, []);
  assert.deepEqual([next?.task.crashes, next?.task.takeovers], [0, 1]);
  next?.lease.release();
});

test('an instance that has stopped in order has not crashed, whatever it left behind', async () => {
  await addTasks('a', 1);
  const crashesAfter = async (instance: string, stoppedAt: string): Promise<number | undefined> => {
    await sql.query(
      `INSERT INTO instances (id, host, pid, version, slots, engines, stopped_at, died_at)
       VALUES ($1, 'h', 1, '1', 1, '{}', ${stoppedAt}, now())`,
      [instance],
    );
    const claim = await claimNext({ ...context, instanceId: instance }, []);
    await sql.query('INSERT INTO attempt_deaths (task, claim) VALUES ($1, $2)', [
      claim?.task.id,
      claim?.task.claim,
    ]);
    claim?.lease.release();
    await sql.query("UPDATE pgboss.job SET state = 'retry', start_after = now() WHERE state = 'active'");
    const next = await claimNext(context, []);
    next?.lease.release();
    await sql.query("UPDATE pgboss.job SET state = 'retry', start_after = now() WHERE state = 'active'");
    return next?.task.crashes;
  };
  assert.equal(await crashesAfter(randomUUID(), 'now()'), 0);
  assert.equal(await crashesAfter(randomUUID(), 'NULL'), 1);
});

test.run();

async function addTasks(user: string, count: number): Promise<void> {
  await sql.query(
    `INSERT INTO tasks (user_uuid, lang, task_path, task_status)
     SELECT $1, 'engUS_TRIVIAL_v010', 'a/upl/x', 'uploaded' FROM generate_series(1, $2)`,
    [user, count],
  );
}

async function readJob(id: string | undefined): Promise<Record<string, unknown>> {
  const { rows } = await sql.query('SELECT * FROM pgboss.job WHERE id = $1', [id]);
  return rows[0];
}

async function fetchByBoss(): Promise<string | undefined> {
  const boss = new PgBoss({
    connectionString: database.url,
    schema: 'pgboss',
    migrate: false,
    schedule: false,
    supervise: false,
    max: 1,
  });
  await boss.start();
  try {
    return (await boss.fetch('align'))[0]?.id;
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** The order of pg-boss's fetch: see fetchNextJob in its plans. */
async function inOrder(condition: string): Promise<string[]> {
  const { rows } = await sql.query(
    `SELECT id FROM pgboss.job WHERE ${condition} ORDER BY priority DESC, created_on`,
  );
  return rows.map(({ id }) => id);
}
