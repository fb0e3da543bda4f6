import { createHash } from 'node:crypto';
import net from 'node:net';
import { TaskError } from '../../base/errors.ts';

const WAIT_LIMIT_MS = 180_000;

export interface StartLock extends AsyncDisposable {
  /** False: this system has no such lock, so files of an earlier start may belong to a process that still runs. */
  readonly isExclusive: boolean;
}

/**
 * Takes the lock for starting or stopping the server of a data directory; waits while another process has it.
 *
 * The lock is a socket in Linux's abstract namespace. The kernel closes it when its holder dies, so there is no stale lock.
 * A waiting process is connected to it, and wakes as soon as it is closed.
 * @throws TaskError E_DATABASE when the lock is not free within 3 minutes
 */
export async function takeStartLock(dataDir: string): Promise<StartLock> {
  if (process.platform !== 'linux')
    return { isExclusive: false, [Symbol.asyncDispose]: async () => undefined };
  const address = `\0autophon-${createHash('sha256').update(dataDir).digest('hex').slice(0, 32)}`;
  const deadline = AbortSignal.timeout(WAIT_LIMIT_MS);
  while (!deadline.aborted) {
    const startLock = await tryToTake(address);
    if (startLock !== null) return startLock;
    await waitForHolder(address, deadline);
  }
  throw new TaskError(
    'E_DATABASE',
    `another process has been starting or stopping the database in ${dataDir} for ${WAIT_LIMIT_MS / 1000} s. ` +
      'Look for a hanging "autophon" process and end it.',
  );
}

function tryToTake(address: string): Promise<StartLock | null> {
  const waiting = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    waiting.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => waiting.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen({ path: address }, () =>
      resolve({
        isExclusive: true,
        [Symbol.asyncDispose]: () => release(server, waiting),
      }),
    );
  });
}

function release(server: net.Server, waiting: ReadonlySet<net.Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of waiting) socket.destroy();
  });
}

function waitForHolder(address: string, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect({ path: address });
    const giveUp = () => socket.destroy();
    deadline.addEventListener('abort', giveUp);
    // A refused connection means that the holder has just released the lock: `close` follows, and the caller tries again.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      deadline.removeEventListener('abort', giveUp);
      resolve();
    });
  });
}
