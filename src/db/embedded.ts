import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TaskError } from '../base/errors.ts';
import { findBinaries } from './embedded/binaries.ts';
import { ensureCluster, removeUnfinishedDirs } from './embedded/cluster.ts';
import { type Credentials, readCredentials, rememberPort } from './embedded/credentials.ts';
import { canonical, chooseDataDir, findDataDir } from './embedded/data-dir.ts';
import { FALLBACK_PARENTS } from './embedded/fallback-dir.ts';
import { toServerFault } from './embedded/faults.ts';
import { waitUntilReady } from './embedded/ready.ts';
import { startServer } from './embedded/server.ts';
import { readServerLog, serverLogPath } from './embedded/server-log.ts';
import { findServerProcess, type ServerProcess } from './embedded/server-process.ts';
import { chooseServerUser } from './embedded/server-user.ts';
import { takeStartLock } from './embedded/start-lock.ts';

export interface EmbeddedOptions {
  /** Folder for the data, such as `.data/postgres`; files named after it (`.json`, `.log`) go beside it. */
  readonly dataDir: string;
  /** Told what the user should know: another folder, another port. */
  readonly log?: (line: string) => void;
  /** Server settings for a database whose contents may be lost, such as `fsync: 'off'` in tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Folders to try when the server's user cannot reach `dataDir`. */
  readonly fallbackParents?: readonly string[];
}

export interface EmbeddedServer {
  /** With user and password; the database in it exists. */
  readonly url: string;
  /** Where the data really are. */
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
 * Starts the Postgres server that comes with the project, or finds it running, and waits until it answers.
 * It is shared by all processes of the machine that name the same directory, runs on after them, and ends with
 * `stopEmbedded` only. Root runs it as user `postgres` or `nobody`.
 * @throws TaskError E_CONFIG, E_DATABASE or E_DISK_FULL, with the place, what was found, and the fix
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
 * Stops the server of a directory: running statements are broken off, what was committed is kept.
 * @returns false when none was running
 * @throws TaskError E_DATABASE when it may not be stopped by us or does not end
 */
export async function stopEmbedded(dir: string): Promise<boolean> {
  const requestedDir = await canonical(dir);
  await using _turn = await takeStartLock(requestedDir);
  const dataDir = await findDataDir(requestedDir);
  const server = await readable(dataDir, findServerProcess(dataDir));
  if (server === null) return false;
  // Postgres's "fast" shutdown, and its "immediate" one, from which it recovers at the next start.
  if (await endServer(dataDir, server.pid, 'SIGINT', STOP_LIMIT_MS)) return true;
  if (await endServer(dataDir, server.pid, 'SIGQUIT', STOP_NOW_LIMIT_MS)) return true;
  throw new TaskError(
    'E_DATABASE',
    `the database in ${dataDir} (process ${server.pid}) does not end. See ${serverLogPath(dataDir)}`,
  );
}

/** Whether there is a server for the directory; starts nothing. */
export async function embeddedStatus(dir: string): Promise<EmbeddedStatus> {
  const dataDir = await findDataDir(await canonical(dir));
  const server = await readable(dataDir, findServerProcess(dataDir));
  const state =
    server !== null ? 'running' : (await readCredentials(dataDir)) === null ? 'absent' : 'stopped';
  return { state, dataDir, logPath: serverLogPath(dataDir), server };
}

async function findRunning(requestedDir: string): Promise<EmbeddedServer | null> {
  const dataDir = await findDataDir(requestedDir);
  const server = await readable(dataDir, findServerProcess(dataDir));
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
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw notOurs(dataDir, error);
  }
  const deadline = Date.now() + limitMs;
  while (Date.now() < deadline) {
    if ((await findServerProcess(dataDir))?.pid !== pid) return true;
    await delay(PAUSE_MS);
  }
  return false;
}

async function readable<T>(dataDir: string, reading: Promise<T>): Promise<T> {
  return reading.catch((error: unknown) => {
    throw notOurs(dataDir, error);
  });
}

function notOurs(dataDir: string, cause: unknown): TaskError {
  const reason = messageOf(cause);
  return new TaskError(
    'E_CONFIG',
    `the database in ${dataDir} belongs to another user: ${reason}. Run as that user, or set DATABASE_URL to a server of your own.`,
    { cause },
  );
}
