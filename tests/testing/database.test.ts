import assert from 'node:assert/strict';
import { test } from 'uvu';
import { singleConnection } from '../../src/db/connect.ts';
import { createTestDatabase } from '../../testing/database.ts';

test('callers at the same time each get a migrated database of their own, until they drop it', async () => {
  const databases = await Promise.all([createTestDatabase(), createTestDatabase(), createTestDatabase()]);
  assert.equal(new Set(databases.map(({ url }) => url)).size, 3);
  const [first, second, third] = databases;
  await query(first.url, "INSERT INTO tasks (user_uuid) VALUES ('anna')");
  assert.equal((await query(first.url, 'SELECT id FROM tasks')).length, 1);
  assert.equal((await query(second.url, 'SELECT id FROM tasks')).length, 0);
  await Promise.all([first.drop(), second.drop(), third.drop()]);
  await assert.rejects(query(first.url, 'SELECT 1'), { code: '3D000' });
});

test.run();

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = singleConnection(url, 'test');
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
