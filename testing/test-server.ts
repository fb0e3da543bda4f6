import path from 'node:path';
import { singleConnection } from '../src/db/connect.ts';
import { embeddedStatus, startEmbedded, stopEmbedded } from '../src/db/embedded.ts';

/** Data of the embedded server that the test processes of this checkout share. */
const DATA_DIR = path.resolve(import.meta.dirname, '../.data/test-postgres');

/** A power failure may destroy its data, which nobody needs. The suite is faster this way. */
const CARELESS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Address of the server on which tests make their databases: that of TEST_DATABASE_URL or DATABASE_URL if one is set,
 * otherwise an embedded one. It goes on running after the process; `make test` and `make db-stop` stop it.
 */
export async function findTestServer(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
  if (given) return given;
  const log = (line: string) => console.error(line);
  return (await startEmbedded({ dataDir: DATA_DIR, settings: CARELESS, log })).url;
}

/** Stops the embedded server of the tests, unless another run uses it. */
export async function stopTestServer(): Promise<'stopped' | 'was not running' | 'in use'> {
  if ((await embeddedStatus(DATA_DIR)).server === null) return 'was not running';
  if (await hasOtherClients()) return 'in use';
  return (await stopEmbedded(DATA_DIR)) ? 'stopped' : 'was not running';
}

async function hasOtherClients(): Promise<boolean> {
  const { url } = await startEmbedded({ dataDir: DATA_DIR, settings: CARELESS });
  const client = singleConnection(url, 'autophon tests');
  await client.connect();
  try {
    const { rowCount } = await client.query(
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
    );
    return rowCount !== 0;
  } finally {
    await client.end();
  }
}
