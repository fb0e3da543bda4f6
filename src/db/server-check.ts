import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from './connect.ts';
import { Listener } from './listen.ts';

export interface ServerFacts {
  readonly version: string;
  readonly versionNumber: number;
  readonly database: string;
  readonly bytes: number;
  readonly connections: number;
  readonly maxConnections: number;
  /** Version of the protocol, such as `TLSv1.3`; null: the connection is not encrypted. */
  readonly tls: string | null;
  readonly durability: Durability;
}

/** The settings that decide whether a confirmed commit survives a crash. */
export interface Durability {
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** `on`, `off`, `local`, `remote_write` or `remote_apply`. */
  readonly synchronousCommit: string;
  /** How many standbys are connected now. */
  readonly standbys: number;
  /** How many of them a commit waits for. */
  readonly synchronousStandbys: number;
}

export async function readServerFacts(db: Db): Promise<ServerFacts | null> {
  const { rows } = await sql<ServerFacts>`
    SELECT current_setting('server_version') AS version,
           current_setting('server_version_num')::int AS "versionNumber",
           current_database() AS database,
           pg_database_size(current_database())::float8 AS bytes,
           (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS connections,
           current_setting('max_connections')::int AS "maxConnections",
           (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls,
           jsonb_build_object(
             'fsync', current_setting('fsync')::bool,
             'fullPageWrites', current_setting('full_page_writes')::bool,
             'synchronousCommit', current_setting('synchronous_commit'),
             'standbys', (SELECT count(*) FROM pg_stat_replication),
             'synchronousStandbys', (SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum'))
           ) AS durability`.execute(db);
  return rows[0] ?? null;
}

const LIMIT_MS = 3_000;

/**
 * Sends a notification on one connection and waits for it on another. A pooler in transaction mode loses it without an error.
 * @returns how many milliseconds it took; null: it did not arrive within 3 s
 */
export async function measureNotification(db: Db, url: string): Promise<number | null> {
  const channel = `autophon_check_${randomUUID().replaceAll('-', '')}`;
  const arrived = Promise.withResolvers<number | null>();
  const listener = new Listener({
    url,
    channels: [channel],
    onNotification: () => arrived.resolve(performance.now()),
    onConnected: () => undefined,
    onLost: () => arrived.resolve(null),
  });
  const limit = setTimeout(() => arrived.resolve(null), LIMIT_MS);
  try {
    await listener.start();
    const sentMs = performance.now();
    await sql`SELECT pg_notify(${channel}, '')`.execute(db);
    const arrivedMs = await arrived.promise;
    return arrivedMs === null ? null : arrivedMs - sentMs;
  } finally {
    clearTimeout(limit);
    await listener.stop();
  }
}
