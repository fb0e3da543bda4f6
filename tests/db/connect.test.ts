import assert from 'node:assert/strict';
import { sql } from 'kysely';
import pg from 'pg';
import { suite } from 'uvu';
import { connect, type Db, singleConnection } from '../../src/db/connect.ts';
import { connectionLimits, endConnection } from '../../src/db/connection-limits.ts';
import { isDatabaseAway } from '../../src/db/statement-fault.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { withEnoughTime } from '../../testing/time-limits.ts';

const test = suite('connections');
let database: TestDatabase;
let db: Db;

test.before(async () => {
  database = await createTestDatabase();
  db = connect({ url: database.url, maxConnections: 2, applicationName: 'connect test' });
});
test.after(async () => {
  await db.destroy();
  await database.drop();
});

test('a connection that breaks between two statements of a transaction fails the second, and not the process', async () => {
  const broken = db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx);
    await sql`SELECT pg_terminate_backend(${rows[0]?.pid}, 5000)`.execute(db);
    // The server's message is under way, and the next statement must not be sent before it arrives.
    await new Promise((resolve) => setImmediate(resolve));
    await sql`SELECT 1`.execute(tx);
  });
  await assert.rejects(broken, isDatabaseAway);
  const { rows } = await sql<{ n: number }>`SELECT 1 AS n`.execute(db);
  assert.equal(rows[0]?.n, 1);
});

test('connections that do not answer any more are given up, both busy and idle ones', async () => {
  const url = new URL(database.url);
  const serverPort = Number(url.port);
  // A slow server does not answer in time either.
  const isAway = (error: unknown) => (isDatabaseAway(error) ? null : Promise.reject(error));
  const answers = await withEnoughTime(
    async (limitSec) => {
      await using proxy = await startTcpProxy(() => serverPort);
      url.port = String(proxy.port);
      const far = connect({
        url: url.href,
        maxConnections: 3,
        applicationName: 'far',
        answerTimeoutMs: limitSec * 1000,
      });
      try {
        const ask = () => sql<{ n: number }>`SELECT 1 AS n FROM pg_sleep(0.05)`.execute(far);
        const askThrice = () => Promise.all([ask(), ask(), ask()]).catch(isAway);
        if ((await askThrice()) === null) return null;
        assert.equal(proxy.silence(null), 3);
        await assert.rejects(ask(), isDatabaseAway);
        return await askThrice();
      } finally {
        await far.destroy();
      }
    },
    (found) => found !== null,
    1,
  );
  assert.equal(answers?.length, 3);
});

test('statements that wait for a free connection keep no timer running', async () => {
  const pool = connect({
    url: database.url,
    maxConnections: 1,
    applicationName: 'connect test',
    waitsForConnection: true,
  });
  const limits = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  await pool.connection().execute(async (held) => {
    const waiting = sql<{ n: number }>`SELECT 1 AS n`.execute(pool);
    waiting.catch(() => undefined);
    await sql`SELECT 1`.execute(held);
    // Those of earlier tests may end meanwhile.
    assert.ok(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length <= limits);
  });
  assert.equal((await sql<{ n: number }>`SELECT 1 AS n`.execute(pool)).rows[0]?.n, 1);
  await pool.destroy();
});

test('a dead connection is ended without waiting for an answer', async () => {
  await using proxy = await startTcpProxy(() => Number(new URL(database.url).port));
  const url = new URL(database.url);
  url.port = String(proxy.port);
  const client = singleConnection(url.href, 'connect test');
  client.on('error', () => undefined);
  await client.connect();
  proxy.stall();
  const ended = new Promise((resolve) => client.once('end', resolve));
  await endConnection(client);
  await ended;
});

test('a missing socket file and an unknown host name also count as a database that is away', async () => {
  for (const url of [`postgres:///x?host=${import.meta.dirname}`, 'postgres://x@no-such-host.invalid/x']) {
    const gone = connect({ url, maxConnections: 1, applicationName: 'connect test' });
    await assert.rejects(sql`SELECT 1`.execute(gone), isDatabaseAway, url);
    await gone.destroy();
  }
});

test('a read-only server, such as a standby before its promotion, also counts as away', async () => {
  const writing = db.transaction().execute(async (tx) => {
    await sql`SET TRANSACTION READ ONLY`.execute(tx);
    await sql`DELETE FROM instances`.execute(tx);
  });
  await assert.rejects(writing, isDatabaseAway);
});

test('each kind of connection has a limit for a statement at the server; only migrations may take their time', async () => {
  const limitOf = async (client: pg.Client | pg.Pool) => {
    const { rows } = await client.query<{ limit: string }>(
      "SELECT current_setting('statement_timeout') AS limit",
    );
    await client.end();
    return rows[0]?.limit;
  };
  const single = async (answerTimeoutMs?: number) => {
    const client = singleConnection(database.url, 'test', answerTimeoutMs);
    await client.connect();
    return limitOf(client);
  };
  const { rows } = await sql<{
    limit: string;
  }>`SELECT current_setting('statement_timeout') AS "limit"`.execute(db);
  const ofQueue = new pg.Pool({ ...connectionLimits(60_000), connectionString: database.url });
  assert.deepEqual(
    [rows[0]?.limit, await limitOf(ofQueue), await single(5_000), await single()],
    ['30s', '1min', '5s', '0'],
  );
});

test('a session that falls silent in the middle of a transaction loses its locks after a while', async () => {
  const { rows } = await sql<{ limit: string }>`
    SELECT current_setting('idle_in_transaction_session_timeout') AS "limit"`.execute(db);
  assert.equal(rows[0]?.limit, '10s');
});

test.run();
