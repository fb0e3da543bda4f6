import net from 'node:net';
import { TaskError } from '../../base/errors.ts';

const PORTS_TRIED = 200;

/**
 * Finds the first port from `first` on that is free at 127.0.0.1.
 * @throws TaskError E_CONFIG when the next 200 ports are all in use
 */
export async function findFreePort(first: number): Promise<number> {
  const end = Math.min(first + PORTS_TRIED, 65_536);
  for (let port = first; port < end; port++) {
    if (await isFree(port)) return port;
  }
  throw new TaskError(
    'E_CONFIG',
    `no free port for the database from ${first} to ${end - 1} on 127.0.0.1. Free one, or set DATABASE_URL.`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1' }, () => probe.close(() => resolve(true)));
  });
}
