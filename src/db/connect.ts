import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { TaskError } from '../base/errors.ts';
import { describeNoConnection } from './connection-fault.ts';
import {
  connectionLimits,
  destroyConnection,
  endConnection,
  endPool,
  LimitedClient,
} from './connection-limits.ts';
import { findPooling, type Pooling, transactionPoolingFault } from './pooler.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;

/** A statement that takes longer than this has met a lock or a sick server: it fails and is tried again. */
const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CHECK_TIMEOUT_MS = 10_000;
/** The additional time that the network may take. */
const WAY_MS = 5_000;

export interface ConnectOptions {
  readonly url: string;
  readonly maxConnections: number;
  /** Shown by Postgres in pg_stat_activity. */
  readonly applicationName: string;
  /** How long to wait for the answer to one statement. */
  readonly answerTimeoutMs?: number;
  /** Whether to wait for as long as it takes while others use all connections; otherwise as long as for a new one. */
  readonly waitsForTurn?: boolean;
  /** A connection that breaks while idle; the next query opens another. */
  readonly onConnectionLost?: (error: Error) => void;
}

/** A pool of connections. Opens none until the first query. */
export function connect(options: ConnectOptions): Db {
  const { answerTimeoutMs = STATEMENT_TIMEOUT_MS + WAY_MS, waitsForTurn = false } = options;
  const limits = connectionLimits(answerTimeoutMs, {
    // If one connection got no answer, the network has probably failed: close the idle ones now; busy ones fail on
    // their next statement.
    onNoAnswer: () => dropIdle(pool),
    statementTimeoutMs: Math.min(STATEMENT_TIMEOUT_MS, answerTimeoutMs),
  });
  class ClientInTime extends limits.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(typeof config === 'object' ? { ...config, connectionTimeoutMillis: CONNECT_TIMEOUT_MS } : config);
    }
  }
  const pool: pg.Pool = new pg.Pool({
    ...limits,
    Client: ClientInTime,
    connectionString: options.url,
    max: options.maxConnections,
    application_name: options.applicationName,
    // Of the pool: 0 is without limit, and without a timer that would keep the process from ending.
    connectionTimeoutMillis: waitsForTurn ? 0 : CONNECT_TIMEOUT_MS,
    // Opening a connection costs more than a claim: an instance that was idle must not pay for it.
    idleTimeoutMillis: 0,
  });
  // Without a listener a broken idle connection would end the process.
  pool.on('error', (error) => options.onConnectionLost?.(error));
  // So would one that breaks in the middle of a transaction: the pool has no listener on connections in use.
  // Its user learns of it from the next statement.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const endingInTime = {
    options: pool.options,
    connect: () => pool.connect(),
    end: () => endPool(() => pool.end(), limits),
  };
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: endingInTime }) });
}

function dropIdle(pool: pg.Pool): void {
  for (let left = pool.idleCount; left > 0; left--) {
    const drop = (client: pg.PoolClient) => {
      client.release(true);
      destroyConnection(client);
    };
    pool.connect().then(drop, () => undefined);
  }
}

/**
 * A single connection of its own, for LISTEN and for migrations. Not yet connected.
 * @param answerTimeoutMs - how long to wait for the answer to one statement; else without limit
 */
export function singleConnection(url: string, applicationName: string, answerTimeoutMs?: number): pg.Client {
  const settings = {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  };
  return answerTimeoutMs === undefined
    ? new pg.Client(settings)
    : new LimitedClient({ ...settings, query_timeout: answerTimeoutMs });
}

/** How long the statements of a transaction wait for a row that another session holds. @param limit - such as `1s` */
export async function limitLockWaits(tx: Tx, limit: string): Promise<void> {
  await sql`SELECT set_config('lock_timeout', ${limit}, true)`.execute(tx);
}

export interface ServerInfo {
  readonly serverVersion: string;
  readonly pooling: Pooling;
}

/**
 * Names, transcripts and messages have characters of all languages: in any other encoding some of them cannot be stored.
 * @throws TaskError E_DATABASE
 */
export function assertUtf8(database: string, encoding: string): void {
  if (encoding === 'UTF8') return;
  throw new TaskError(
    'E_DATABASE',
    `the database ${database} has the encoding ${encoding}; expected UTF8. Make another one: ` +
      `CREATE DATABASE autophon ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL`,
  );
}

/**
 * Checks that the server answers, is recent enough, and is not behind a pooler that shares sessions.
 * @throws TaskError E_DATABASE with the address (without password), the cause and the fix
 */
export async function assertReachable(url: string): Promise<ServerInfo> {
  let client: pg.Client | undefined;
  let second: pg.Client | undefined;
  try {
    // This already reads the certificate files that the address names.
    client = singleConnection(url, 'autophon check', CHECK_TIMEOUT_MS);
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ v: string; n: number; encoding: string; name: string }>(
      "SELECT current_setting('server_version') AS v, current_setting('server_version_num')::int AS n, " +
        "current_setting('server_encoding') AS encoding, current_database() AS name",
    );
    const { v, n, encoding, name } = rows[0] ?? { v: 'unknown', n: 0, encoding: 'unknown', name: '' };
    if (n < 140_000) {
      throw new TaskError('E_DATABASE', `the Postgres server is version ${v}; expected 14 or later`);
    }
    assertUtf8(name, encoding);
    const pooling = await findPooling(client, async () => {
      second = singleConnection(url, 'autophon check', CHECK_TIMEOUT_MS);
      second.on('error', () => undefined);
      await second.connect();
      return second;
    });
    if (pooling === 'transaction') throw transactionPoolingFault();
    return { serverVersion: v, pooling };
  } catch (error) {
    if (error instanceof TaskError) throw error;
    throw new TaskError('E_DATABASE', describeNoConnection(url, error), { cause: error });
  } finally {
    for (const one of [client, second]) if (one !== undefined) await endConnection(one);
  }
}
