import { setTimeout as delay } from 'node:timers/promises';
import { TaskError } from '../base/errors.ts';
import { findBinaries } from './embedded/binaries.ts';
import { ensureCluster, removeUnfinishedDirs } from './embedded/cluster.ts';
import { type Connected, listConnected } from './embedded/connected.ts';
import { type Credentials, readCredentials, rememberPort } from './embedded/credentials.ts';
import { canonical, chooseDataDir, findDataDir } from './embedded/data-dir.ts';
import { FALLBACK_PARENTS } from './embedded/fallback-dir.ts';
import { noAccess, toServerFault } from './embedded/faults.ts';
import { addressOf, waitUntilReady } from './embedded/ready.ts';
import { startServer } from './embedded/server.ts';
import { readServerLog, serverLogPath } from './embedded/server-log.ts';
import { findServerProcess, type ServerProcess } from './embedded/server-process.ts';
import { chooseServerUser } from './embedded/server-user.ts';
import { takeStartLock } from './embedded/start-lock.ts';

export interface EmbeddedOptions {
  /** Folder for the data, such as `.data/postgres`. Files named after it (`.json`, `.log`) lie beside it. */
  readonly dataDir: string;
  /** Gets messages for the user: another folder or port is used. */
  readonly log?: (line: string) => void;
  /** Server settings for a database whose contents may be lost, such as `fsync: 'off'` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folders to try when the server's user cannot reach `dataDir`. */
  readonly fallbackParents?: readonly string[];
}

export interface EmbeddedServer {
  /** With user, password and the name of a database that exists. */
  readonly url: string;
  /** Where the data are; not the requested directory if a fallback folder is used. */
  readonly dataDir: string;
  readonly port: number;
  /** False: it was running before. */
  readonly started: boolean;
}

export interface EmbeddedStatus {
  readonly state: 'absent' | 'stopped' | 'running';
  readonly dataDir: string;
  readonly logPath: string;
  readonly server: ServerProcess | null;
}

const STOP_LIMIT_MS = 30_000;
const STOP_NOW_LIMIT_MS = 10_000;
const PAUSE_MS = 25;

/**
 * Starts the built-in Postgres server, or finds it running, and waits until it answers. All processes of the machine that name
 * the same directory share the server. It goes on after they have ended; only `stopEmbedded` ends it. Root runs it as user
 * `postgres` or `nobody`.
 * @throws TaskError E_CONFIG, E_DATABASE or E_DISK_FULL
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const { log = () => undefined, settings = {}, fallbackParents = FALLBACK_PARENTS } = options;
  const requestedDir = await canonical(options.dataDir);
  const running = await findRunning(requestedDir);
  if (running !== null) return running;

  await using startLock = await takeStartLock(requestedDir);
  const startedMeanwhile = await findRunning(requestedDir);
  if (startedMeanwhile !== null) return startedMeanwhile;

  const user = await chooseServerUser(await findDataDir(requestedDir));
  const dataDir = await chooseDataDir(requestedDir, user, fallbackParents, log);
  if (startLock.isExclusive) await removeUnfinishedDirs(dataDir);
  const binaries = await findBinaries(dataDir, user, log);
  const credentials = await ensureCluster(dataDir, binaries, user, settings['fsync'] !== 'off');
  const { postgres } = binaries;
  const { isExclusive } = startLock;
  const server = await startServer({
    dataDir,
    postgres,
    user,
    port: credentials.port,
    settings,
    isExclusive,
    log,
  });
  const url = await waitUntilReady(dataDir, credentials, server.port);
  if (url === null) throw toServerFault('the database ended at once', dataDir, await readServerLog(dataDir));
  await rememberPort(dataDir, credentials, server.port);
  return { url, dataDir, port: server.port, started: server.started };
}

/**
 * Stops the server of a directory. Running statements are cancelled; what was committed is kept.
 * @returns false: no server was running
 * @throws TaskError E_DATABASE when it does not end, E_CONFIG when this user may not stop it
 */
export async function stopEmbedded(dir: string): Promise<boolean> {
  const requestedDir = await canonical(dir);
  await using _startLock = await takeStartLock(requestedDir);
  const dataDir = await findDataDir(requestedDir);
  const server = await findServer(dataDir);
  if (server === null) return false;
  // SIGINT is the "fast" shutdown of Postgres; SIGQUIT the "immediate" one, after which the next start recovers the data.
  if (await endServer(dataDir, server.pid, 'SIGINT', STOP_LIMIT_MS)) return true;
  if (await endServer(dataDir, server.pid, 'SIGQUIT', STOP_NOW_LIMIT_MS)) return true;
  throw new TaskError(
    'E_DATABASE',
    `the database in ${dataDir} (process ${server.pid}) does not end. See ${serverLogPath(dataDir)}`,
  );
}

/** Programs that are connected to the running server of a directory. Empty also if this user cannot log in, or it does not answer. */
export async function embeddedClients(dir: string): Promise<readonly Connected[]> {
  const dataDir = await findDataDir(await canonical(dir));
  const server = await findServer(dataDir);
  // A server can be stopped without its login.
  const credentials = server === null ? null : await readCredentials(dataDir).catch(() => null);
  if (server === null || credentials === null) return [];
  return await listConnected(addressOf(credentials, server.port)).catch(() => []);
}

/** The state of the server of a directory; starts nothing. @throws TaskError E_CONFIG, E_DATABASE: it cannot be read */
export async function embeddedStatus(dir: string): Promise<EmbeddedStatus> {
  const dataDir = await findDataDir(await canonical(dir));
  const server = await findServer(dataDir);
  const state =
    server !== null ? 'running' : (await readCredentials(dataDir)) === null ? 'absent' : 'stopped';
  return { state, dataDir, logPath: serverLogPath(dataDir), server };
}

async function findRunning(requestedDir: string): Promise<EmbeddedServer | null> {
  const dataDir = await findDataDir(requestedDir);
  const server = await findServer(dataDir);
  if (server === null) return null;
  const credentials: Credentials | null = await readCredentials(dataDir);
  if (credentials === null) return null;
  const url = await waitUntilReady(dataDir, credentials, server.port);
  return url === null ? null : { url, dataDir, port: server.port, started: false };
}

async function endServer(
  dataDir: string,
  pid: number,
  signal: NodeJS.Signals,
  limitMs: number,
): Promise<boolean> {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw noAccess(dataDir, error);
  }
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if ((await findServerProcess(dataDir))?.pid !== pid) return true;
    await delay(PAUSE_MS);
  }
  return false;
}

function findServer(dataDir: string): Promise<ServerProcess | null> {
  return findServerProcess(dataDir).catch((error: unknown) => {
    throw noAccess(dataDir, error);
  });
}
