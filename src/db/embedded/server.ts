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
  /** The preferred port; if it is in use, the next free port above it. */
  readonly port: number;
  /** Settings of the server that replace ours. */
  readonly settings: Readonly<Record<string, string>>;
  /** Whether no other process can start this server meanwhile. */
  readonly isExclusive: boolean;
  readonly log: (line: string) => void;
}

/** For a small machine that also runs aligners: little memory, few processes, loopback only, no socket files. */
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

/** How long to wait for the child processes of a killed server: they end when they notice, and hold its memory until then. */
const CHILDREN_LIMIT_MS = 20_000;
const PAUSE_MS = 25;

/**
 * Starts the server in a session of its own, so that it outlives this process, and waits until it listens.
 * @returns the server; `started` is false if another process started it
 * @throws TaskError E_DATABASE, E_CONFIG or E_DISK_FULL with the last lines of the server
 */
export async function startServer(request: ServerRequest): Promise<ServerProcess & { started: boolean }> {
  if (request.isExclusive) await disownReusedPid(request.dataDir);
  const childrenDeadline = Date.now() + CHILDREN_LIMIT_MS;
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
    else if (failure !== null && isHeldByChildren(failure) && Date.now() < childrenDeadline)
      await delay(PAUSE_MS * 4);
    else throw toServerFault('the database did not start', request.dataDir, failure ?? 'it ended at once');
  }
}

/** @returns null: the server listens; otherwise its output, after it has ended */
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
  const stopWaiting = new AbortController();
  const ended = once(server, 'exit').then(
    () => '',
    (error: Error) => error.message,
  );
  const outcome = await Promise.race([ended, waitUntilListening(dataDir, server.pid, stopWaiting.signal)]);
  stopWaiting.abort();
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

function isHeldByChildren(output: string): boolean {
  return /lock file "postmaster\.pid" (already exists|is empty)|pre-existing shared memory block/.test(
    output,
  );
}
