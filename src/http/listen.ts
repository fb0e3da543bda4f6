import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from '../base/loopback.ts';

/**
 * Begins to take connections.
 * @param explain - makes the error for a port that cannot be used
 * @returns where it listens, such as `http://127.0.0.1:9464`
 * @throws what `explain` returns
 */
export async function listen(
  server: Server,
  { host, port: wanted }: Address,
  explain: (cause: Error) => Error,
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(explain(cause)));
    server.listen(wanted, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
