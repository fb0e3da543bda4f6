import assert from 'node:assert/strict';
import pg from 'pg';
import { suite } from 'uvu';
import { assertReachable } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { checkDurability } from '../../src/tasks/doctor/database.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';

const test = suite('checks of a database before it is used');
let database: TestDatabase;

test.before(async () => {
  database = await createTestDatabase();
});
test.after(async () => {
  await database.drop();
});

for (const encoding of ['LATIN1', 'SQL_ASCII']) {
  test(`${encoding} is refused by commands and migrations, with the statement that makes a good one`, async () => {
    const name = `autophon_test_${encoding.toLowerCase()}_${process.pid}`;
    const client = new pg.Client(database.url);
    await client.connect();
    await client.query(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`);
    try {
      const url = new URL(database.url);
      url.pathname = `/${name}`;
      const message = new RegExp(
        `has the encoding ${encoding}; expected UTF8.*CREATE DATABASE autophon ENCODING 'UTF8'`,
      );
      await assert.rejects(assertReachable(url.href), { code: 'E_DATABASE', message });
      await assert.rejects(
        migrate(url.href, async () => assert.fail('nothing is installed')),
        { message },
      );
    } finally {
      await client.query(`DROP DATABASE ${name}`);
      await client.end();
    }
  });
}

test('doctor says whether a confirmed commit survives a crash of the server', () => {
  const good = {
    fsync: true,
    fullPageWrites: true,
    synchronousCommit: 'on',
    standbys: 0,
    synchronousStandbys: 0,
  };
  assert.equal(checkDurability(good).state, 'ok');
  assert.equal(checkDurability({ ...good, fsync: false }).state, 'warn');
  assert.equal(checkDurability({ ...good, fullPageWrites: false }).state, 'warn');
  assert.match(checkDurability({ ...good, synchronousCommit: 'off' }).found, /synchronous_commit is off/);
  assert.match(
    checkDurability({ ...good, standbys: 2, synchronousStandbys: 1 }).found,
    /1 of 2 standbys may lack/,
  );
});

test.run();
