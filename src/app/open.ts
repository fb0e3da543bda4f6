import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Config } from '../config.ts';
import { assertReachable, connect, type Db } from '../db/connect.ts';
import { startEmbedded } from '../db/embedded.ts';
import { findPendingMigrations, type MigrateOptions, type MigrationReport, migrate } from '../db/migrate.ts';

/** Everything that a command needs; built in order, closed in reverse. */
export interface App extends AsyncDisposable {
  readonly config: Config;
  readonly url: string;
  readonly db: Db;
  readonly log: Log;
}

/**
 * Finds or starts the database, checks that its schema is the one of this version, and connects.
 * The built-in server is migrated on the way; on any other that is the operator's decision.
 * @throws TaskError E_DATABASE
 */
export async function openApp(config: Config, log: Log, name: string): Promise<App> {
  const url = await findDatabase(config, log);
  const pending = await findPendingMigrations(url);
  if (pending.length > 0) {
    if (config.databaseUrl !== null) {
      throw new TaskError(
        'E_DATABASE',
        `the database is not ready for this version: ${pending.length} migrations are missing. Run "make migrate".`,
      );
    }
    await migrateDatabase(config, url);
  }
  const db = connect({
    url,
    applicationName: `autophon ${name}`,
    maxConnections: config.slotCount + 4,
    onConnectionLost: (error) => log.warn('database.connection_lost', { error }),
  });
  return { config, url, db, log, [Symbol.asyncDispose]: () => db.destroy() };
}

/** The address of the configured database, or of the built-in one, which is started when it does not run. */
export async function findDatabase(config: Config, log: Log): Promise<string> {
  if (config.databaseUrl !== null) {
    await assertReachable(config.databaseUrl);
    return config.databaseUrl;
  }
  const server = await startEmbedded({
    dataDir: embeddedDir(config),
    log: (line) => log.info('database.server', {}, line),
  });
  return server.url;
}

export function embeddedDir(config: Config): string {
  return path.join(config.dataDir, 'postgres');
}

export function migrateDatabase(
  config: Config,
  url: string,
  options: MigrateOptions = {},
): Promise<MigrationReport> {
  return migrate(
    url,
    async () => {
      // Most commands never need it.
      const { installQueue } = await import('../queue/queue.ts');
      await installQueue(url, { leaseSec: config.leaseSec });
    },
    options,
  );
}
