import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbedded, stopEmbedded } from '../../src/db/embedded.ts';
import { startTcpProxy } from '../../testing/tcp-proxy.ts';
import { retryWhileAway } from './retry-while-away.ts';
import { waitUntil } from './waiting.ts';

/** A server that follows another one by streaming replication, and replaces it when it dies. */
export interface Standby extends AsyncDisposable {
  /** Waits until it has everything that the primary has written. */
  catchUp(): Promise<void>;
  /** From now on nothing of the primary reaches it. */
  cutOff(): void;
  /** It becomes a primary, and the disposal does not stop it any more. */
  promote(): Promise<{ readonly url: string; readonly port: number }>;
}

const run = promisify(execFile);
const CATCH_UP_LIMIT_MS = 60_000;
const APPLICATION = 'soak_standby';
/** Files of the primary's folder that belong to its process or are sent again. */
const NOT_COPIED = ['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot'];

/**
 * Copies a running server by Postgres's low-level backup interface (its manual, "Making a Base Backup Using the Low
 * Level API"): the built-in server comes without pg_basebackup.
 */
export async function makeStandby(
  primary: { readonly url: string; readonly dataDir: string },
  dataDir: string,
  { settings, signal }: { readonly settings: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Standby> {
  await using stack = new AsyncDisposableStack();
  const client = await retryWhileAway(() => connectTo(primary.url), signal);
  stack.defer(() => client.end().catch(() => undefined));
  const { hostname, port, username, password } = new URL(primary.url);
  const proxy = stack.use(await startTcpProxy(() => Number(port)));
  await client.query("SELECT pg_backup_start('soak', true)");
  await copyRunning(primary.dataDir, dataDir);
  const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
  await writeFile(path.join(dataDir, 'backup_label'), rows[0]?.labelfile ?? '');
  await writeFile(path.join(dataDir, 'standby.signal'), '');
  const way = `host=${hostname} port=${proxy.port} user=${username} password=${password} application_name=${APPLICATION}`;
  await appendFile(path.join(dataDir, 'postgresql.auto.conf'), `primary_conninfo = '${way}'\n`);
  await giveToOwnerOf(primary.dataDir, dataDir);
  await writeFile(`${dataDir}.json`, await readFile(`${primary.dataDir}.json`), { mode: 0o600 });
  const server = await startEmbedded({ dataDir, settings });
  let isPromoted = false;
  stack.defer(async () => {
    if (isPromoted) return;
    await stopEmbedded(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  });
  const owned = stack.move();
  return {
    catchUp: async () => {
      const isThere = async () => {
        const { rowCount } = await client.query(
          'SELECT FROM pg_stat_replication WHERE application_name = $1 AND replay_lsn >= pg_current_wal_lsn()',
          [APPLICATION],
        );
        return rowCount === 1;
      };
      if (!(await waitUntil(isThere, CATCH_UP_LIMIT_MS, 50)))
        throw new Error('the standby does not catch up');
    },
    cutOff: () => void proxy.stall(),
    promote: async () => {
      const own = await retryWhileAway(() => connectTo(server.url), signal);
      await own.query('SELECT pg_promote(true, 120)');
      await own.end();
      isPromoted = true;
      return server;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'soak' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Files may vanish while they are copied. The standby gets their changes from the log. */
async function copyRunning(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  await run('cp', ['-a', `${from}/.`, to]).catch(() => undefined);
  await stat(path.join(to, 'global/pg_control'));
  for (const name of NOT_COPIED) await rm(path.join(to, name), { recursive: true, force: true });
  for (const name of ['pg_wal', 'pg_replslot']) await mkdir(path.join(to, name), { mode: 0o700 });
  await chmod(to, 0o700);
}

async function giveToOwnerOf(example: string, dir: string): Promise<void> {
  const { uid, gid } = await stat(example);
  if (process.getuid?.() === 0) await run('chown', ['-R', `${uid}:${gid}`, dir]);
}
