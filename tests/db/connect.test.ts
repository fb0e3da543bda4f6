import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { suite } from 'uvu';
import { connect, type Db, isDatabaseAway } from '../../src/db/connect.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

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
    // The message is on its way; the next statement must not be faster than it.
    await new Promise((resolve) => setImmediate(resolve));
    await sql`SELECT 1`.execute(tx);
  });
  await assert.rejects(broken, isDatabaseAway);
  const { rows } = await sql<{ n: number }>`SELECT 1 AS n`.execute(db);
  assert.equal(rows[0]?.n, 1);
});

test.run();
