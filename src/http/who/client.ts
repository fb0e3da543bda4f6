import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { includesAddress } from '../../base/networks.ts';

/** Where a request comes from. */
export interface Client {
  readonly address: string;
  /** Whether a proxy of the site passed it on. */
  readonly isByProxy: boolean;
  /** Whether it came to that proxy by https. */
  readonly isHttps: boolean;
}

/** Headers of a proxy of the site are trusted, those of other clients are not. */
export function findClient({ socket, headers }: IncomingMessage, proxies: BlockList): Client {
  const peer = socket.remoteAddress ?? '';
  if (!includesAddress(proxies, peer)) return { address: peer, isByProxy: false, isHttps: false };
  // A proxy adds the address that it sees at the end. The client may have written what comes before.
  const last = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  return {
    address: last === undefined || last === '' ? peer : last,
    isByProxy: true,
    isHttps: headers['x-forwarded-proto'] === 'https',
  };
}
