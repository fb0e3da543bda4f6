import { stat } from 'node:fs/promises';
import path from 'node:path';
import { singleConnection } from '../../src/db/connect.ts';
import { readServerLog, serverLogPath } from '../../src/db/embedded/server-log.ts';
import { type EmbeddedServer, startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';

/** A separate Postgres with the settings of the built-in one: commits wait for the disk, as at a site. */
export interface BenchServer {
  readonly version: string;
  /** A migrated database, for one benchmark. */
  createDatabase(options?: { readonly logStatements?: boolean }): Promise<BenchDatabase>;
}

export interface BenchDatabase extends AsyncDisposable {
  readonly url: string;
  /** Statements that clients have sent since the last call, if they are logged. */
  takeStatements(): Promise<LoggedStatement[]>;
}

export interface LoggedStatement {
  /** application_name of the connection. */
  readonly application: string;
  /** White space collapsed. */
  readonly text: string;
}

const DATA_DIR = path.resolve(import.meta.dirname, '../../.data/bench-postgres');
const LEASE_SEC = 50;
const FIELD_END = '\u00a6';
/** Database and application before each message. */
const LINE_PREFIX = `%d${FIELD_END}%a${FIELD_END}`;

export async function startServer(): Promise<BenchServer> {
  const log = (line: string) => console.error(line);
  const options = { dataDir: DATA_DIR, settings: { log_line_prefix: LINE_PREFIX }, log };
  let server: EmbeddedServer = await startEmbedded(options);
  if (!server.started) {
    await assertAbandoned(server.url);
    await stopEmbedded(DATA_DIR);
    server = await startEmbedded(options);
  }
  const version = await ask<{ v: string }>(server.url, "SELECT current_setting('server_version') AS v");
  return {
    version: version[0]?.v ?? 'unknown',
    createDatabase: (options = {}) => createDatabase(server.url, server.dataDir, options),
  };
}

/** Fails if another run uses the server. A killed run leaves its server behind, without clients. */
async function assertAbandoned(url: string): Promise<void> {
  const clients = await ask(
    url,
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  );
  if (clients.length > 0)
    throw new Error(`the server in ${DATA_DIR} is in use: another benchmark is running; wait for its end`);
}

export async function stopServer(): Promise<void> {
  await stopEmbedded(DATA_DIR);
}

let databaseCount = 0;

async function createDatabase(
  serverUrl: string,
  dataDir: string,
  { logStatements = false }: { readonly logStatements?: boolean },
): Promise<BenchDatabase> {
  databaseCount += 1;
  const name = `bench_${databaseCount}`;
  const drop = () => ask(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await drop();
  await ask(serverUrl, `CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await migrate(url.href, () => installQueue(url.href, { leaseSec: LEASE_SEC }));
  if (logStatements) await ask(serverUrl, `ALTER DATABASE ${name} SET log_statement = 'all'`);
  let takenBytes = (await stat(serverLogPath(dataDir))).size;
  return {
    url: url.href,
    takeStatements: async () => {
      const log = await readServerLog(dataDir, takenBytes);
      takenBytes += Buffer.byteLength(log);
      return parseLog(log, name);
    },
    [Symbol.asyncDispose]: async () => void (await drop()),
  };
}

/** Further lines of a statement begin with a TAB. */
function parseLog(log: string, database: string): LoggedStatement[] {
  const messages = log.replaceAll('\n\t', ' ').split('\n');
  return messages.flatMap((message) => {
    const [of, application = '', ...rest] = message.split(FIELD_END);
    const text = /^LOG: {2}(?:statement|execute [^:]*): (.*)$/.exec(rest.join(FIELD_END))?.[1];
    return of !== database || text === undefined
      ? []
      : splitStatements(text).map((one) => ({ application, text: one }));
  });
}

/**
 * A text of several statements, such as pg-boss sends, is logged as one. A semicolon inside quotes does not end a
 * statement.
 */
function splitStatements(text: string): string[] {
  return (text.match(/(?:'[^']*'|[^;'])+/g) ?? [])
    .map((one) => one.replace(/\s+/g, ' ').trim())
    .filter((one) => one !== '');
}

async function ask<Row extends object>(url: string, statement: string): Promise<Row[]> {
  const client = singleConnection(url, 'bench');
  await client.connect();
  try {
    return (await client.query<Row>(statement)).rows;
  } finally {
    await client.end();
  }
}
