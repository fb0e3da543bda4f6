import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { includesAddress } from '../../base/networks.ts';

/** Where a request comes from. */
export interface Client {
  readonly address: string;
  /** Whether a proxy of ours passed it on. */
  readonly isByProxy: boolean;
  /** Whether it came to that proxy by https. */
  readonly isHttps: boolean;
}

/** What a proxy of ours says of its client is believed, and what others say is not. */
export function findClient({ socket, headers }: IncomingMessage, proxies: BlockList): Client {
  const peer = socket.remoteAddress ?? '';
  if (!includesAddress(proxies, peer)) return { address: peer, isByProxy: false, isHttps: false };
  // A proxy adds the address that it sees at the end; what stands before that the client may have written.
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
