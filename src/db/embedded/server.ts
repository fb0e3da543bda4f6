import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { identityOf, SERVER_ENVIRONMENT, type ServerUser } from './command.ts';
import { toServerFault } from './faults.ts';
import { findFreePort } from './port.ts';
import { openServerLog, readServerLog } from './server-log.ts';
import { disownReusedPid, findServerProcess, type ServerProcess } from './server-process.ts';

export interface ServerRequest {
  readonly dataDir: string;
  readonly postgres: string;
  readonly user: ServerUser | null;
  /** Tried first; when it is taken, the next free one above it. */
  readonly port: number;
  /** Settings of the server, before ours. */
  readonly settings: Readonly<Record<string, string>>;
  /** No other process starts this server meanwhile. */
  readonly isExclusive: boolean;
  readonly log: (line: string) => void;
}

/** For a small machine that also runs aligners: little memory, no helper processes, loopback only, no socket files. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  cluster_name: 'autophon',
  max_connections: '200',
  shared_buffers: '64MB',
  min_wal_size: '64MB',
  max_wal_size: '256MB',
  io_method: 'sync',
  max_logical_replication_workers: '0',
  jit: 'off',
  log_checkpoints: 'off',
};

/** Helpers of a killed server end by themselves once they notice; until then they hold its memory. */
const OTHERS_LIMIT_MS = 20_000;
const PAUSE_MS = 25;

/**
 * Starts the server in a session of its own, so that it outlives us, and waits until it listens.
 * @returns the server, also when the start of another process was faster
 * @throws TaskError E_DATABASE, E_CONFIG or E_DISK_FULL with what the server said last
 */
export async function startServer(request: ServerRequest): Promise<ServerProcess & { started: boolean }> {
  if (request.isExclusive) await disownReusedPid(request.dataDir);
  const othersDeadline = Date.now() + OTHERS_LIMIT_MS;
  let port = await findFreePort(request.port);
  for (;;) {
    const failure = await launch(request, port);
    const server = await findServerProcess(request.dataDir);
    if (server?.isListening) {
      if (server.port !== request.port) {
        request.log(`port ${request.port} is taken: the database listens on port ${server.port}`);
      }
      return { ...server, started: failure === null };
    }
    if (failure !== null && isPortTaken(failure)) port = await findFreePort(port + 1);
    else if (failure !== null && isHeldByOthers(failure) && Date.now() < othersDeadline)
      await delay(PAUSE_MS * 4);
    else throw toServerFault('the database did not start', request.dataDir, failure ?? 'it ended at once');
  }
}

/** @returns null when the server listens; otherwise its last output before it ended */
async function launch(request: ServerRequest, port: number): Promise<string | null> {
  const { dataDir, user } = request;
  const { file, startByte } = await openServerLog(dataDir);
  const settings = Object.entries({ ...SETTINGS, ...request.settings, port: String(port) });
  const server = spawn(
    request.postgres,
    ['-D', dataDir, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...identityOf(user),
      cwd: '/',
      env: SERVER_ENVIRONMENT,
      detached: true,
      stdio: ['ignore', file.fd, file.fd],
    },
  );
  const hasEnded = new AbortController();
  const ended = once(server, 'exit').then(
    () => '',
    (error: Error) => error.message,
  );
  const outcome = await Promise.race([ended, waitUntilListening(dataDir, server.pid, hasEnded.signal)]);
  hasEnded.abort();
  await file.close();
  server.unref();
  return outcome === null ? null : outcome + (await readServerLog(dataDir, startByte));
}

async function waitUntilListening(
  dataDir: string,
  pid: number | undefined,
  signal: AbortSignal,
): Promise<null> {
  while (!signal.aborted) {
    const server = await findServerProcess(dataDir).catch(() => null);
    if (server?.pid === pid && server?.isListening) return null;
    await delay(PAUSE_MS);
  }
  return null;
}

function isPortTaken(output: string): boolean {
  return /could not bind .*: Address already in use/.test(output);
}

function isHeldByOthers(output: string): boolean {
  return /lock file "postmaster\.pid" (already exists|is empty)|pre-existing shared memory block/.test(
    output,
  );
}
