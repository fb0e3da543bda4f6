import pg from 'pg';
import { isDatabaseAway } from '../../src/db/connect.ts';
import { embeddedStatus, startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { migrate } from '../../src/db/migrate.ts';
import { installQueue } from '../../src/queue/queue.ts';

/** A real Postgres of the soak's own, that can be stopped and started at will. */
export interface Server extends AsyncDisposable {
  /** Past the wires, as the users have it. */
  readonly url: string;
  readonly version: string;
  port(): number;
  /** Fast: connections are broken off. Immediate: as after a crash, with recovery at the next start. */
  stop(how: 'fast' | 'immediate'): Promise<void>;
  start(): Promise<void>;
  /** Sends a statement until it is answered, whatever the server is going through. */
  ask<Row extends object>(statement: string, values?: readonly unknown[]): Promise<Row[]>;
}

const QUEUE_LEASE_SEC = 50;
const ASK_LIMIT_MS = 90_000;
const PAUSE_MS = 100;

/**
 * @param leaseSec - shorter than the program lets anybody set it, so that many faults fit into minutes
 * @param isDurable - false: commits do not wait for the disk
 */
export async function startServer(
  dataDir: string,
  { leaseSec, isDurable }: { readonly leaseSec: number; readonly isDurable: boolean },
): Promise<Server> {
  const settings: Record<string, string> = isDurable ? {} : { fsync: 'off' };
  const launch = () => startEmbedded({ dataDir, settings });
  let { url, port } = await launch();
  await migrate(url, () => installQueue(url, { leaseSec: QUEUE_LEASE_SEC }));
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    application_name: 'soak',
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  pool.on('error', () => undefined);
  const ask = async <Row extends object>(statement: string, values: readonly unknown[] = []) => {
    const deadlineMs = performance.now() + ASK_LIMIT_MS;
    for (;;) {
      try {
        return (await pool.query<Row>(statement, [...values])).rows;
      } catch (error) {
        if (!isDatabaseAway(error) || performance.now() > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  };
  await ask('UPDATE pgboss.queue SET heartbeat_seconds = $1', [leaseSec]);
  const [about] = await ask<{ version: string }>("SELECT current_setting('server_version') AS version");
  return {
    url,
    version: about?.version ?? 'unknown',
    port: () => port,
    stop: async (how) => {
      if (how === 'fast') await stopEmbedded(dataDir);
      else await crash(dataDir);
    },
    start: async () => {
      ({ url, port } = await launch());
    },
    ask,
    [Symbol.asyncDispose]: async () => {
      await pool.end();
      await stopEmbedded(dataDir);
    },
  };
}

async function crash(dataDir: string): Promise<void> {
  const { server } = await embeddedStatus(dataDir);
  if (server === null) return;
  process.kill(server.pid, 'SIGQUIT');
  while ((await embeddedStatus(dataDir)).server?.pid === server.pid) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS / 4));
  }
}
