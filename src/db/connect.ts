import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import { TaskError } from '../base/errors.ts';
import { must } from '../base/must.ts';
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

/** A statement that takes longer waits for a lock or an overloaded server: it fails and is tried again. */
const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CHECK_TIMEOUT_MS = 10_000;
/** The time that an answer may spend in the network. */
const NETWORK_MS = 5_000;

export interface ConnectOptions {
  readonly url: string;
  readonly maxConnections: number;
  /** The name of our sessions in pg_stat_activity. */
  readonly applicationName: string;
  /** How long to wait for the answer to one statement. */
  readonly answerTimeoutMs?: number;
  /** Whether a query waits without limit while all connections are in use; otherwise it fails after CONNECT_TIMEOUT_MS. */
  readonly waitsForConnection?: boolean;
  /** Called when a connection broke while it was idle. The next query opens another one. */
  readonly onConnectionLost?: (error: Error) => void;
}

/** Makes a pool of connections. The first query opens the first connection. */
export function connect(options: ConnectOptions): Db {
  const { answerTimeoutMs = STATEMENT_TIMEOUT_MS + NETWORK_MS, waitsForConnection = false } = options;
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
    // The limit for getting a connection from the pool. 0: without limit and without a timer.
    connectionTimeoutMillis: waitsForConnection ? 0 : CONNECT_TIMEOUT_MS,
    // Idle connections stay open: opening one takes longer than a claim.
    idleTimeoutMillis: 0,
  });
  // Without a listener a broken idle connection would end the process.
  pool.on('error', (error) => options.onConnectionLost?.(error));
  // So would one that breaks in the middle of a transaction: the pool has no listener on connections in use. The next
  // statement of the transaction fails.
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
 * Makes a connection outside the pool, such as for LISTEN, locks and migrations. The caller connects it.
 * @param answerTimeoutMs - how long to wait for the answer to a statement; left out: without limit
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

/** Sets how long the statements of a transaction wait for a locked row. @param limit - such as `1s` */
export async function limitLockWaits(tx: Tx, limit: string): Promise<void> {
  await sql`SELECT set_config('lock_timeout', ${limit}, true)`.execute(tx);
}

export interface ServerInfo {
  readonly serverVersion: string;
  readonly pooling: Pooling;
}

/**
 * Checks the encoding of a database. Names, transcripts and messages have characters of all languages, which only UTF8 can store.
 * @throws TaskError E_DATABASE when it is not UTF8
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
 * Checks that the server answers, is Postgres 14 or later with UTF8, and is not behind a pooler that shares sessions.
 * @throws TaskError E_DATABASE with the address (without password), the cause and the fix
 */
export async function assertReachable(url: string): Promise<ServerInfo> {
  let client: pg.Client | undefined;
  let second: pg.Client | undefined;
  try {
    // Inside `try`, since this already reads the certificate files that the URL names.
    client = singleConnection(url, 'autophon check', CHECK_TIMEOUT_MS);
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ v: string; n: number; encoding: string; name: string }>(
      "SELECT current_setting('server_version') AS v, current_setting('server_version_num')::int AS n, " +
        "current_setting('server_encoding') AS encoding, current_database() AS name",
    );
    const { v, n, encoding, name } = must(rows[0], 'the version of the server');
    if (n < 140_000) {
      throw new TaskError(
        'E_DATABASE',
        `the Postgres server is version ${v}; expected 14 or later. Update it, or name another server in DATABASE_URL.`,
      );
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
