import assert from 'node:assert/strict';
import net from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import pg from 'pg';
import { suite } from 'uvu';
import { assertReachable, connect } from '../../src/db/connect.ts';
import { migrate } from '../../src/db/migrate.ts';
import { isDatabaseAway } from '../../src/db/statement-fault.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { checkEncryption } from '../../src/tasks/doctor/database.ts';
import { startInstance } from '../../testing/instance.ts';
import { createSite } from '../../testing/site.ts';
import { runJson } from '../cli/run-cli.ts';
import { CA_PATH, OTHER_CA_PATH, startTlsServer, type TlsServer } from '../support/tls-server.ts';

const test = suite('TLS of DATABASE_URL');
const USER = 'careful';
const PASSWORD = 'a-secret';
const VERIFIED = { sslmode: 'verify-full', sslrootcert: CA_PATH };
let server: TlsServer;

test.before(async () => {
  server = await startTlsServer(USER);
  const owner = new pg.Client(server.url);
  await owner.connect();
  await owner.query(`CREATE ROLE ${USER} LOGIN PASSWORD '${PASSWORD}'`);
  await owner.query(`ALTER DATABASE ${owner.database} OWNER TO ${USER}`);
  await owner.query(`ALTER SCHEMA public OWNER TO ${USER}`);
  await owner.end();
});
test.after(async () => {
  await server[Symbol.asyncDispose]();
});

const addressOf = (parameters: Record<string, string>, host = 'localhost', password = PASSWORD) =>
  server.address(USER, password, host, parameters);

test('with verify-full and the right CA, all connections of an instance are encrypted', async () => {
  const url = addressOf(VERIFIED);
  await migrate(url, () => installQueue(url, { leaseSec: 40 }));
  await using site = await createSite({ database: { url: server.url, drop: async () => undefined } });
  const instance = await startInstance(site, { DATABASE_URL: url });
  try {
    const taskId = await site.addTask('hang');
    const sessions = async () => {
      const { rows } = await site.sql.query<{ name: string; ssl: boolean }>(
        `SELECT DISTINCT application_name AS name, ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)
         WHERE usename = $1 ORDER BY 1`,
        [USER],
      );
      return rows.map(({ name, ssl }) => `${name}: ${ssl}`);
    };
    const expected = ['heartbeat', 'listen', 'queue', 'test instance', 'upkeep'].map(
      (name) => `autophon ${name}: true`,
    );
    let found: readonly string[] = [];
    // Each is opened when it is needed first.
    await site.until(
      () => `${expected}, found ${found}`,
      async () => {
        found = await sessions();
        return isDeepStrictEqual(found, expected);
      },
    );
    await site.sql.query('UPDATE tasks SET cancel_requested = true WHERE task_id = $1', [taskId]);
    await instance.event('task.lost');
  } finally {
    await instance.stop();
  }
});

test('doctor shows the TLS of a connection, and warns if one leaves the machine without TLS', async () => {
  await using site = await createSite({ database: { url: server.url, drop: async () => undefined } });
  const env = { ...site.env, DATABASE_URL: addressOf(VERIFIED) };
  const { document } = await runJson<{ checks: { subject: string; found: string }[] }>(['doctor'], env);
  assert.match(document.checks.find(({ subject }) => subject === 'encryption')?.found ?? '', /^TLSv1\.\d$/);
  const stateOf = (url: string) => checkEncryption(null, url).state;
  for (const here of ['localhost', '127.0.0.1:5433', '[::1]:5432', ''])
    assert.equal(stateOf(`postgres://${here}/x`), 'ok', here);
  for (const away of ['db.example.org', '10.0.0.7:5432', 'localhost.example.org'])
    assert.equal(stateOf(`postgres://ann:secret@${away}/x`), 'warn', away);
  assert.match(checkEncryption(null, 'postgres://ann:secret@db/x').fix ?? '', /^put sslmode=verify-full/);
});

const REFUSED: readonly (readonly [what: string, url: () => string, said: RegExp])[] = [
  [
    'an authority that did not sign the certificate',
    () => addressOf({ ...VERIFIED, sslrootcert: OTHER_CA_PATH }),
    /: no trusted authority has signed the server's certificate \(UNABLE_TO_\w+\); expected .*\. Put sslrootcert=FILE/,
  ],
  [
    'no authority named, and none that Node knows',
    () => addressOf({ sslmode: 'verify-full' }),
    /: no trusted authority has signed the server's certificate/,
  ],
  [
    'a certificate for another host',
    () => addressOf(VERIFIED, '127.0.0.1'),
    /: the server's certificate is for DNS:localhost; expected one for 127\.0\.0\.1\. Put a name/,
  ],
  [
    'a file of the authority that is not there',
    () => addressOf({ ...VERIFIED, sslrootcert: '/nowhere/ca.crt' }),
    /: ENOENT: .*'\/nowhere\/ca\.crt'; expected sslrootcert, sslcert and sslkey of DATABASE_URL to be files/,
  ],
  [
    'no TLS where the server wants it',
    () => addressOf({ sslmode: 'disable' }),
    /: no pg_hba.conf entry .*: the server expects TLS from this machine, .* asks for none\. Put sslmode=verify-full/,
  ],
  [
    'a wrong password',
    () => addressOf(VERIFIED, 'localhost', 'another-secret'),
    /: password authentication failed for user "careful"\. Check DATABASE_URL/,
  ],
];

for (const [what, url, said] of REFUSED) {
  test(`refuses, with the fix and without the password: ${what}`, async () => {
    await assert.rejects(assertReachable(url()), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'E_DATABASE');
      assert.match(error.message, said);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

test('a server without TLS gets no unencrypted connection', async () => {
  const heard: Buffer[] = [];
  const plain = net.createServer((socket) => {
    // The answer to the client's first message, which asks for TLS.
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        heard.push(bytes);
        socket.write('N');
      });
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  try {
    const url = new URL(addressOf(VERIFIED, '127.0.0.1'));
    url.port = String((plain.address() as net.AddressInfo).port);
    await assert.rejects(
      assertReachable(url.href),
      /: the server has no TLS; expected TLS, since DATABASE_URL asks/,
    );
    assert.equal(Buffer.concat(heard).length, 8);
  } finally {
    plain.close();
  }
});

test('a running worker waits while connections are refused: certificates and passwords are being changed', async () => {
  for (const [what, url] of REFUSED) {
    if (/not there/.test(what)) continue;
    const db = connect({ url: url(), maxConnections: 1, applicationName: 'refused' });
    await assert.rejects(sql`SELECT 1`.execute(db), isDatabaseAway, what);
    await db.destroy();
  }
});

test.run();
