import { rm } from 'node:fs/promises';
import pg from 'pg';
import { embeddedStatus, startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts';
import { retryWhileAway } from './retry-while-away.ts';
import { makeStandby } from './standby.ts';
import { Mutex, pause } from './waiting.ts';

/** A separate Postgres for the soak, which can be stopped and started at any time. */
export interface Server extends AsyncDisposable {
  /** Address for the users, without the proxies of the instances. It stays the same when another server takes over. */
  readonly url: string;
  /** The same for a login that has no right on any table. */
  readonly strangerUrl: string;
  readonly version: string;
  port(): number;
  /** Only one fault at a time may disturb the server. */
  readonly turn: Mutex;
  /** Fast: connections are closed. Immediate: as after a crash, with recovery at the next start. */
  stop(how: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  /**
   * A standby takes over: it is made, follows the primary, is cut off from it, and is promoted when the primary has
   * died. Commits since the cut are lost.
   */
  failOver(lag: () => Promise<void>): Promise<void>;
  /** Sends a statement again until it is answered, whatever happens to the server. */
  ask<Row extends object>(statement: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface ServerOptions {
  /** Shorter than the program lets operators set it, so that many faults fit into minutes. */
  readonly leaseSec: number;
  /** False: commits do not wait for the disk. */
  readonly isDurable: boolean;
  readonly signal: AbortSignal;
}

const MAX_CONNECTIONS = 120;
const STRANGER = 'soak_stranger';
const QUEUE_LEASE_SEC = 50;
/** On a machine with many busy users, a connection may take this long. */
const CONNECT_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 120_000;
const START_TRIES = 5;
const PAUSE_MS = 100;

export async function startServer(
  firstDir: string,
  { leaseSec, isDurable, signal }: ServerOptions,
): Promise<Server> {
  await using stack = new AsyncDisposableStack();
  const settings: Record<string, string> = {
    max_connections: String(MAX_CONNECTIONS),
    // A standby that is being made needs what was written since its copy began.
    wal_keep_size: '256MB',
    ...(isDurable ? {} : { fsync: 'off' }),
  };
  let dataDir = firstDir;
  const launch = () => tryToStart(dataDir, settings, signal);
  let { url: directUrl, port } = await launch();
  stack.defer(async () => void (await stopEmbedded(dataDir)));
  await retryWhileAway(
    () => migrate(directUrl, () => installQueue(directUrl, { leaseSec: QUEUE_LEASE_SEC })),
    signal,
  );
  const proxy: TcpProxy = stack.use(await startTcpProxy(() => port));
  const url = withPort(directUrl, proxy.port);
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    application_name: 'soak',
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: ANSWER_LIMIT_MS,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  stack.defer(() => pool.end());
  const ask = <Row extends object>(statement: string, values: readonly unknown[] = []): Promise<Row[]> =>
    retryWhileAway(async () => (await pool.query<Row>(statement, [...values])).rows, signal);
  await ask('UPDATE pgboss.queue SET heartbeat_seconds = $1', [leaseSec]);
  await ask(`CREATE ROLE ${STRANGER} LOGIN PASSWORD '${STRANGER}'`);
  const [about] = await ask<{ version: string }>("SELECT current_setting('server_version') AS version");
  const stop = async (how: 'fast' | 'immediate') => {
    if (how === 'fast') await stopEmbedded(dataDir);
    else await crash(dataDir);
  };
  let standbyCount = 0;
  const owned = stack.move();
  return {
    url,
    strangerUrl: withLogin(url, STRANGER),
    version: about?.version ?? 'unknown',
    port: () => port,
    turn: new Mutex(),
    stop,
    start: async () => {
      ({ url: directUrl, port } = await launch());
    },
    failOver: async (lag) => {
      const standbyDir = `${firstDir}-${++standbyCount}`;
      await using standby = await makeStandby({ url: directUrl, dataDir }, standbyDir, { settings, signal });
      await standby.catchUp();
      standby.cutOff();
      await lag();
      await stop('immediate');
      const oldDir = dataDir;
      // From now on, a soak that is stopped early has to stop this server.
      dataDir = standbyDir;
      ({ url: directUrl, port } = await standby.promote());
      for (const file of [oldDir, `${oldDir}.json`, `${oldDir}.log`])
        await rm(file, { recursive: true, force: true });
    },
    ask,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A start may fail on a busy machine; a second one then mostly works. */
async function tryToStart(
  dataDir: string,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ url: string; port: number }> {
  for (let tries = 1; ; tries++) {
    try {
      return await startEmbedded({ dataDir, settings });
    } catch (error) {
      if (tries === START_TRIES || signal.aborted) throw error;
      await pause(PAUSE_MS * 10, signal);
    }
  }
}

async function crash(dataDir: string): Promise<void> {
  const { server } = await embeddedStatus(dataDir);
  if (server === null) return;
  process.kill(server.pid, 'SIGQUIT');
  while ((await embeddedStatus(dataDir)).server?.pid === server.pid) await pause(PAUSE_MS / 4);
}

function withPort(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}

function withLogin(url: string, name: string): string {
  const other = new URL(url);
  other.username = name;
  other.password = name;
  return other.href;
}
