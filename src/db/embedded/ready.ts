import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf, TaskError } from '../../base/errors.ts';
import { endConnection } from '../connection-limits.ts';
import type { Credentials } from './credentials.ts';
import { toServerFault } from './faults.ts';
import { serverLogPath } from './server-log.ts';
import { findServerProcess, worksIn } from './server-process.ts';

const DATABASE = 'autophon';
/** Recovery after a crash takes seconds. If it takes longer than this, the disk is probably defective. */
const LIMIT_MS = 120_000;
const PAUSE_MS = 25;

/** SQLSTATE codes. Source: Postgres manual, appendix A. */
const NO_SUCH_DATABASE = '3D000';
const DATABASE_EXISTS = ['42P04', '23505'];
const WRONG_PASSWORD = '28P01';

/**
 * Waits until the server of a data directory answers a query. In a new server, it makes our database.
 * @returns the URL to connect to; null: the server ended meanwhile
 * @throws TaskError E_DATABASE when it does not answer within 2 minutes, E_CONFIG when it refuses our connection; E_DISK_FULL
 */
export async function waitUntilReady(
  dataDir: string,
  credentials: Credentials,
  port: number,
): Promise<string | null> {
  const url = addressOf(credentials, port);
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const failure = await tryToConnect(url, dataDir);
    if (failure === null) return url;
    if (failure.code === NO_SUCH_DATABASE)
      await createDatabase(dataDir, addressOf(credentials, port, 'postgres'));
    else if (failure.code === WRONG_PASSWORD) throw loginRefused(dataDir, port, failure);
    else if (isRefusal(failure)) throw connectionRefused(dataDir, port, failure);
    else if ((await findServerProcess(dataDir)) === null) return null;
    else if (Date.now() > deadline) {
      throw new TaskError(
        'E_DATABASE',
        `the database in ${dataDir} does not answer on port ${port} after ${LIMIT_MS / 1000} s: ${failure.message}. See ${serverLogPath(dataDir)}`,
        { cause: failure },
      );
    }
    await delay(PAUSE_MS);
  }
}

/** Whether the server refuses our connections for a reason that does not pass by itself. */
function isRefusal({ code, message }: Error & { code?: string }): boolean {
  return /^(22|28|42)/.test(code ?? '') || message.includes('does not support SSL');
}

/** The URL to connect to. */
export function addressOf({ user, password }: Credentials, port: number, database = DATABASE): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}

async function tryToConnect(url: string, dataDir: string): Promise<(Error & { code?: string }) | null> {
  const client = newClient(url);
  try {
    await client.connect();
    const { rows } = await client.query<{ dir: string }>("SELECT current_setting('data_directory') AS dir");
    const answeredFrom = rows[0]?.dir;
    const isOurs = answeredFrom === dataDir || (await isMovedServer(answeredFrom, dataDir));
    return isOurs ? null : new Error(`the server on this port belongs to ${answeredFrom}`);
  } catch (error) {
    return error as Error & { code?: string };
  } finally {
    await endConnection(client);
  }
}

/** If a checkout is moved while its server runs, the server goes on in the new place, but reports its former path. */
async function isMovedServer(formerDir: string | undefined, dataDir: string): Promise<boolean> {
  if (formerDir === undefined || existsSync(formerDir)) return false;
  const server = await findServerProcess(dataDir);
  return server !== null && worksIn(server.pid, dataDir);
}

async function createDatabase(dataDir: string, url: string): Promise<void> {
  const client = newClient(url);
  try {
    await client.connect();
    await client.query(`CREATE DATABASE ${DATABASE}`);
  } catch (error) {
    if (DATABASE_EXISTS.includes((error as { code?: string }).code ?? '')) return;
    throw toServerFault('the server could not make the database', dataDir, messageOf(error));
  } finally {
    await endConnection(client);
  }
}

function newClient(url: string): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
  });
  // Without a listener, a connection that breaks between two queries would end the process.
  client.on('error', () => undefined);
  return client;
}

function connectionRefused(dataDir: string, port: number, cause: Error): TaskError {
  return new TaskError(
    'E_CONFIG',
    `the database in ${dataDir} (port ${port}) refuses the connection: ${cause.message}. ` +
      'Environment variables such as PGSSLMODE and PGOPTIONS also apply to it: unset them.',
    { cause },
  );
}

function loginRefused(dataDir: string, port: number, cause: Error): TaskError {
  return new TaskError(
    'E_CONFIG',
    `the database in ${dataDir} (port ${port}) refuses the password kept in ${dataDir}.json. ` +
      'Put that file back from a backup, or set DATABASE_URL with the right password.',
    { cause },
  );
}
