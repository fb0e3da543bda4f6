import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { TaskError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Address } from '../base/loopback.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { listen } from './listen.ts';

const REQUEST_LIMIT_MS = 10_000;
const MAX_CONNECTIONS = 50;
const MAX_HEADER_BYTES = 8 * 1024;

/** Serves the monitoring of a worker, at the address of the setting METRICS. It accepts GET only. */
export class MonitorServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #monitor: Monitor;
  readonly #address: Address;
  readonly #log: Log;

  constructor(monitor: Monitor, address: Address, log: Log) {
    this.#monitor = monitor;
    this.#address = address;
    this.#log = log;
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        requestTimeout: REQUEST_LIMIT_MS,
        headersTimeout: REQUEST_LIMIT_MS,
        connectionsCheckingInterval: REQUEST_LIMIT_MS / 2,
      },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /**
   * @returns where it listens, such as `http://127.0.0.1:9464`
   * @throws TaskError E_CONFIG when the port cannot be used
   */
  async start(): Promise<string> {
    const address = await listen(this.#server, this.#address, (cause) => cannotListen(this.#address, cause));
    this.#log.info('monitor.started', { address });
    return address;
  }

  /** At once: a scraper whose request is cut off tries again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#monitor.stop();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const { method, url = '/' } = request;
    try {
      if (method !== 'GET' && method !== 'HEAD')
        return send(response, 405, 'expected GET\n', { Allow: 'GET, HEAD' });
      const page = await this.#monitor.answer(url.split('?')[0] ?? '');
      if (page === null) return send(response, 404, 'expected /metrics, /livez or /readyz\n');
      send(response, page.status, page.body, { 'Content-Type': page.contentType });
    } catch (error) {
      this.#log.warn('monitor.failed', { error });
      send(response, 500, 'a fault of the program; the log of the worker has more\n');
    }
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    ...headers,
  });
  response.end(body);
}

function cannotListen({ host, port }: Address, cause: Error): TaskError {
  return new TaskError(
    'E_CONFIG',
    `METRICS=${host}:${port}: cannot listen there: ${cause.message}. Each worker of a machine needs a port of its own; port 0 is any free one.`,
    { cause },
  );
}
