import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { until } from './time-limits.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A program on this machine that is told when tasks end. */
export interface Receiver extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`, with a certificate `https://localhost:40123`. */
  readonly origin: string;
  readonly requests: readonly ReceivedRequest[];
  /** Waits until this number of requests have arrived. */
  received(count: number): Promise<readonly ReceivedRequest[]>;
}

/** The answer to a request; by default 204. */
export type ReceiverAnswer = (response: ServerResponse, request: ReceivedRequest) => void;

export async function startReceiver(
  answer: ReceiverAnswer = (response) => response.writeHead(204).end(),
  tls: { readonly cert: string; readonly key: string } | null = null,
): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  const listen: RequestListener = async (request, response) => {
    const body = await text(request);
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body };
    requests.push(received);
    answer(response, received);
  };
  const server = tls === null ? createServer(listen) : createTlsServer(tls, listen);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: tls === null ? `http://127.0.0.1:${port}` : `https://localhost:${port}`,
    requests,
    received: async (count) => {
      await until(
        () => `${count} requests, there were ${requests.length}`,
        () => requests.length >= count,
      );
      return requests;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
