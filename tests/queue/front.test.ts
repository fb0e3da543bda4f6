import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { connect, type Db } from '../../src/db/connect.ts';
import { noteQueueFront, Queue } from '../../src/queue/queue.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { seededRandom } from '../support/mutate.ts';

const test = suite('where claims begin to search');
/** The front when none is known. */
const ANYWHERE = -2_147_483_648;
let database: TestDatabase;
let db: Db;
let queue: Queue;
let sql: pg.Client;
/** A session in psql. */
let hand: pg.Client;

test.before.each(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.url, applicationName: 'worker of the test', maxConnections: 2 });
  queue = new Queue({ url: database.url, leaseSec: 40, onError: () => undefined });
  await queue.start();
  sql = new pg.Client(database.url);
  hand = new pg.Client(database.url);
  await sql.connect();
  await hand.connect();
  await addTask('first', 0);
  await addTask('second', 0);
  await addTask('third', 0);
  assert.equal(await claim(), 'first');
  await sweep();
  assert.ok((await readFront()) > ANYWHERE, 'the place of the second task is noted');
});
test.after.each(async () => {
  await hand.end();
  await sql.end();
  await queue.stop();
  await db.destroy();
  await database.drop();
});

test('a task with a higher priority is next, although it was queued after the place was noted', async () => {
  await addTask('urgent', 1);
  assert.deepEqual(await claimAll(), ['urgent', 'second', 'third']);
});

test('a task that is queued in a transaction open at the moment of noting is next', async () => {
  await hand.query('BEGIN');
  await addTask('urgent', 1, hand);
  assert.equal(await claim(), 'second');
  await sweep();
  await hand.query('COMMIT');
  assert.deepEqual(await claimAll(), ['urgent', 'third']);
});

test('a task that is queued in a transaction with an old snapshot of the place is next', async () => {
  await hand.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  await hand.query('SELECT FROM tasks');
  const before = await readRank('second');
  await claimAll();
  await sweep();
  await addTask('late', 0, hand);
  await hand.query('COMMIT');
  assert.ok((await readRank('late')) >= before, 'it is not before the place that its own transaction sees');
  assert.deepEqual(await claimAll(), ['late']);
});

test('a task that gets a higher priority is next', async () => {
  await sql.query("UPDATE tasks SET priority = 1 WHERE task_id = 'third'");
  assert.deepEqual(await claimAll(), ['third', 'second']);
});

test('a task that its worker puts back is next', async () => {
  await db.transaction().execute(async (tx) => {
    const job = await queue.claim(tx, [], 'here');
    assert.ok(job !== null);
    await sweep();
    assert.ok(await queue.putBack(tx, job, 0));
  });
  assert.deepEqual(await claimAll(), ['second', 'third']);
});

test('a task whose holder went silent is next', async () => {
  assert.equal(await claim(), 'second');
  await sweep();
  await sql.query("UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour' WHERE state = 'active'");
  await sql.query('SELECT sweep_jobs()');
  assert.deepEqual(await claimAll(), ['first', 'second', 'third']);
});

test('a task that was queued without the triggers is found after the next note', async () => {
  await sql.query("UPDATE pgboss.job SET state = 'created' WHERE state = 'active'");
  await sweep();
  assert.deepEqual(await claimAll(), ['first', 'second', 'third']);
});

test('a task that was queued without the triggers is found although a transaction that queued a task is still open', async () => {
  assert.equal(await claim(), 'second');
  await sweep();
  await hand.query('BEGIN');
  await addTask('open', 0, hand);
  await sql.query(
    "UPDATE pgboss.job SET state = 'created' WHERE id = (SELECT job_id FROM tasks WHERE task_id = 'first')",
  );
  await sweep();
  assert.equal(await claim(), 'third');
  await sql.query("UPDATE queue_front SET noted_at = now() - interval '2 minutes'");
  await sweep();
  assert.equal(await claim(), 'first');
  await hand.query('ROLLBACK');
});

test('one of many instances notes the front within three seconds', async () => {
  const read = async () =>
    (
      await sql.query(
        'SELECT noted_at, extract(epoch FROM clock_timestamp() - noted_at)::float8 AS age_sec FROM queue_front',
      )
    ).rows[0];
  const noteTwice = async () => {
    await sql.query('SELECT find_queue_front(0)');
    const before = await read();
    for (let n = 0; n < 5; n++) await noteQueueFront(db);
    return [before, await read()];
  };
  let [before, after] = await noteTwice();
  // On a busy machine more time may have passed.
  while (after.age_sec >= 3) [before, after] = await noteTwice();
  assert.deepEqual(after.noted_at, before.noted_at);
  await sql.query("UPDATE queue_front SET noted_at = now() + interval '1 day'");
  await noteQueueFront(db);
  assert.ok((await read()).age_sec >= 0, 'a clock that went back does not stop it');
});

test('a task that is queued when nothing waits is found', async () => {
  await claimAll();
  await sweep();
  await addTask('new', 0);
  assert.deepEqual(await claimAll(), ['new']);
});

test('a role without rights on the queue cannot hold up those that queue tasks', async () => {
  const role = `stranger_${process.pid}`;
  await sql.query(`CREATE ROLE ${role}`);
  try {
    await hand.query(`SET ROLE ${role}`);
    for (const attack of [
      'LOCK TABLE queue_front IN EXCLUSIVE MODE',
      'SELECT find_queue_front(0)',
      'SELECT announce_waiting(0)',
      'SELECT running_jobs()',
      'SELECT sweep_jobs()',
      "SELECT withdraw_jobs('{}', '{}')",
    ]) {
      await hand.query('BEGIN');
      await assert.rejects(hand.query(attack), /permission denied/, attack);
      await hand.query('ROLLBACK');
    }
  } finally {
    await hand.query('RESET ROLE');
    await sql.query(`DROP ROLE ${role}`);
  }
});

test('whatever sessions do, in any order, the claim finds the first waiting job, and all running jobs are known', async () => {
  for (let seed = 1; seed <= 3; seed++) await doAtRandom(seededRandom(seed), 150);
});

test.run();

/**
 * Two sessions open and end transactions, and each change happens at some point between. Searches for the next job
 * after each step.
 */
async function doAtRandom(random: () => number, steps: number): Promise<void> {
  await sql.query('DELETE FROM tasks');
  const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)] as T;
  const other = new pg.Client(database.url);
  await other.connect();
  const done: string[] = [];
  const actions = {
    begin: async (session: pg.Client) => {
      await session.query('ROLLBACK');
      await session.query(`BEGIN ISOLATION LEVEL ${pick(['READ COMMITTED', 'REPEATABLE READ'])}`);
      await session.query('SELECT FROM tasks LIMIT 1');
    },
    commit: (session: pg.Client) => session.query('COMMIT'),
    rollback: (session: pg.Client) => session.query('ROLLBACK'),
    queue: (session: pg.Client) =>
      addTask(`task-${done.length}`, pick([0, 0, 0, 1, 2]), session, pick(['a', 'b'])),
    move: (session: pg.Client) =>
      session.query(
        `UPDATE tasks SET priority = $1 WHERE id = (
           SELECT id FROM tasks WHERE task_status = 'uploaded' ORDER BY md5(task_id || $2) LIMIT 1 FOR UPDATE SKIP LOCKED)`,
        [pick([0, 1, 2]), String(random())],
      ),
    claim,
    'claim and put back': () =>
      db.transaction().execute(async (tx) => {
        const job = await queue.claim(tx, [], 'here');
        if (job !== null) await queue.putBack(tx, job, 0);
      }),
    'end one': () =>
      sql.query(`UPDATE pgboss.job SET state = 'completed', completed_on = now()
        WHERE id = (SELECT id FROM pgboss.job WHERE state = 'active' ORDER BY priority DESC LIMIT 1)`),
    'lose one': () =>
      sql.query(`UPDATE pgboss.job SET heartbeat_on = now() - interval '1 hour'
        WHERE id = (SELECT id FROM pgboss.job WHERE state = 'active' ORDER BY priority DESC LIMIT 1)`),
    sweep,
  };
  const names = Object.keys(actions) as (keyof typeof actions)[];
  try {
    for (let step = 0; step < steps; step++) {
      const name = pick([...names, 'queue', 'queue', 'claim', 'sweep', 'sweep'] as const);
      const session = pick([hand, other]);
      done.push(`${session === hand ? 'hand' : 'other'}: ${name}`);
      // A statement that comes too late for an isolation level ends the transaction.
      await actions[name](session).catch(() => session.query('ROLLBACK'));
      await assertFirstIsFound(done);
    }
  } finally {
    await hand.query('ROLLBACK');
    await other.end();
  }
}

async function assertFirstIsFound(done: readonly string[]): Promise<void> {
  await sql.query('BEGIN');
  const found = await sql.query(
    "SELECT priority, created_on FROM pgboss.job WHERE id = (SELECT find_next_job('{}'))",
  );
  const first = await sql.query(`SELECT job.priority, job.created_on
    FROM tasks JOIN pgboss.job ON job.id = tasks.job_id WHERE job.state < 'active' AND job.start_after <= now()
    ORDER BY job.priority DESC, job.created_on LIMIT 1 FOR UPDATE SKIP LOCKED`);
  await sql.query('ROLLBACK');
  assert.deepEqual(found.rows, first.rows, done.join('\n'));
  const running = await sql.query('SELECT id FROM running_jobs() ORDER BY id');
  const active = await sql.query("SELECT id FROM pgboss.job WHERE state = 'active' ORDER BY id");
  assert.deepEqual(running.rows, active.rows, done.join('\n'));
}

async function addTask(taskId: string, priority: number, session = sql, user = 'one'): Promise<void> {
  await session.query(
    `INSERT INTO tasks (task_id, user_uuid, lang, task_path, task_status, priority)
     VALUES ($1, $2, 'engUS_TRIVIAL_v010', 'a/upl/x', 'uploaded', $3)`,
    [taskId, user, priority],
  );
}

/** @returns the name of the task whose job was taken; null: none waits */
async function claim(): Promise<string | null> {
  const job = await db.transaction().execute((tx) => queue.claim(tx, [], 'here'));
  if (job === null) return null;
  const { rows } = await sql.query<{ task_id: string }>('SELECT task_id FROM tasks WHERE id = $1', [
    job.taskRowId,
  ]);
  return rows[0]?.task_id ?? null;
}

/** What instances do every few seconds, without the pause between two notes. */
async function sweep(): Promise<void> {
  await queue.sweep(db);
  await sql.query('SELECT find_queue_front(0)');
}

async function claimAll(): Promise<string[]> {
  const claimed: string[] = [];
  for (let name = await claim(); name !== null; name = await claim()) claimed.push(name);
  return claimed;
}

async function readFront(): Promise<number> {
  const { rows } = await sql.query<{ front: string }>('SELECT queue_front() AS front');
  return Number(rows[0]?.front);
}

async function readRank(taskId: string): Promise<number> {
  const { rows } = await sql.query<{ rank: string }>(
    'SELECT -job.priority::bigint AS rank FROM pgboss.job JOIN tasks ON tasks.job_id = job.id WHERE task_id = $1',
    [taskId],
  );
  return Number(rows[0]?.rank);
}
