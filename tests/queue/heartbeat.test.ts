import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { suite } from 'uvu';
import { startWire } from '../../scripts/soak/wire.ts';
import { isDatabaseAway } from '../../src/db/connect.ts';
import { Queue } from '../../src/queue/queue.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

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
  await using wire = await startWire(() => serverPort);
  url.port = String(wire.port);
  const queue = new Queue({ url: url.href, leaseSec: 8, onError: () => undefined });
  await queue.start();
  try {
    const job = { id: randomUUID(), retryCount: 0, taskRowId: '1', leaseSec: 8 };
    assert.deepEqual([...(await queue.heartbeat([job]))], []);
    assert.ok(wire.silence(null) > 0);
    await assert.rejects(queue.heartbeat([job]), isDatabaseAway);
    assert.deepEqual([...(await queue.heartbeat([job]))], []);
  } finally {
    // What was dead before is not waited for.
    await queue.stop();
  }
});

test.run();
