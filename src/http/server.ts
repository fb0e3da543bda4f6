import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { App } from '../app/open.ts';
import type { SiteResources } from '../app/resources.ts';
import { messageOf, TaskError } from '../base/errors.ts';
import { FolderHider } from '../base/hide-folders.ts';
import { removeAbandonedDirs } from '../base/make-folder.ts';
import { within } from '../base/within.ts';
import { HeldLocks } from '../db/held-locks.ts';
import { Actions } from '../tasks/actions.ts';
import { Quota } from '../tasks/quota.ts';
import { FileReceiver } from '../tasks/receive-file.ts';
import { openSite } from '../tasks/site.ts';
import { type Assets, createAssets } from './assets.ts';
import { TaskEvents } from './events.ts';
import { listen } from './listen.ts';
import { problemDocument, type Refusal, toRefusal } from './problem.ts';
import type { Answer, WebContext } from './route.ts';
import { Router } from './router.ts';
import { ROUTES } from './routes.ts';
import { siteFolders } from './site-folders.ts';
import { WebMonitor } from './web-monitor.ts';
import { Gate } from './who/gate.ts';
import { assertOwnSite } from './who.ts';
import { WorkLimit } from './work-limit.ts';

const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_LIMIT_MS = 10_000;
/** After this time without data a connection is closed. Open event streams have a heartbeat. */
const SILENT_LIMIT_MS = 120_000;
const MAX_CONNECTIONS = 2_000;
/** Time that running requests get when the server stops. */
const STOP_LIMIT_MS = 3_000;

/** Time for the rest of a body whose request was refused. */
const UNREAD_LIMIT_MS = 5_000;

/** Headers of every answer; the files of the page have their own policy. */
const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
} as const;

export interface WebServerOptions {
  /** As configured, when left out; 0: any free one. */
  readonly port?: number;
  /** See SILENT_LIMIT_MS and UNREAD_LIMIT_MS. */
  readonly silentLimitMs?: number;
  readonly unreadLimitMs?: number;
}

/** The page and its API on one port. */
export class WebServer {
  readonly #app: App;
  readonly #server: Server;
  readonly #router = new Router(ROUTES);
  readonly #assets: Assets = createAssets();
  readonly #context: WebContext;
  readonly #locks: HeldLocks;
  readonly #monitor: WebMonitor;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #port: number;
  readonly #unreadLimitMs: number;

  constructor(app: App, resources: SiteResources, options: WebServerOptions = {}) {
    const { port, silentLimitMs = SILENT_LIMIT_MS, unreadLimitMs = UNREAD_LIMIT_MS } = options;
    const { config, db, url, log } = app;
    this.#app = app;
    this.#port = port ?? config.web.port;
    this.#unreadLimitMs = unreadLimitMs;
    this.#locks = new HeldLocks(url);
    const uploads = openSite(db, config.uploadsDir);
    const { policy, taskLimits, deliveries } = config;
    const quota = new Quota({ db, uploads, limitBytes: config.web.userQuotaBytes });
    const folders = new FolderHider(siteFolders(config));
    // In the mode local, all users who can connect are operators.
    const show = config.web.mode === 'local' ? null : (json: object) => folders.hideIn(json) as object;
    this.#context = {
      config,
      db,
      resources,
      drafts: {
        ...resources,
        db,
        uploads,
        policy,
        taskLimits,
        webhookOrigins: deliveries.origins,
        signal: this.#stopping.signal,
      },
      receiver: new FileReceiver({ db, uploads, taskLimits, quota, locks: this.#locks }),
      quota,
      work: new WorkLimit(),
      folders,
      actions: new Actions(url, log),
      events: new TaskEvents({ url, db, log, ...(show === null ? {} : { show }) }),
      gate: new Gate(db, config.web),
    };
    this.#monitor = new WebMonitor({
      url,
      web: config.web,
      events: this.#context.events,
      gate: this.#context.gate,
    });
    this.#server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_LIMIT_MS,
        // A body has no limit for its whole time, only for its progress (see body.ts), since a large file takes long.
        requestTimeout: 0,
        connectionsCheckingInterval: HEADERS_LIMIT_MS / 2,
      },
      (request, response) => this.#track(this.#handle(request, response)),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.timeout = silentLimitMs;
  }

  /**
   * @returns the address of the page
   * @throws TaskError E_CONFIG when the port cannot be used
   */
  async start(): Promise<string> {
    const { host } = this.#context.config.web;
    const folders = await removeAbandonedDirs();
    if (folders > 0) this.#app.log.info('web.leftovers_removed', { folders });
    await this.#context.events.start();
    await this.#context.actions.start();
    const wanted = { host, port: this.#port };
    const address = `${await listen(this.#server, wanted, (cause) => cannotListen(host, this.#port, cause))}/`;
    // The command prints it, too.
    this.#app.log.debug('web.started', { address });
    return address;
  }

  /** Lets running requests end for a moment; an interrupted upload may go on later. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#context.events.stop();
    this.#server.closeIdleConnections();
    await within(STOP_LIMIT_MS, closed);
    this.#stopping.abort(new TaskError('E_STOPPED', 'the server is stopping; send the request again'));
    this.#server.closeAllConnections();
    await Promise.allSettled(this.#running);
    await Promise.all([this.#context.actions.stop(), this.#locks.stop(), this.#monitor.stop()]);
    this.#app.log.info('web.stopped');
  }

  #track(handled: Promise<void>): void {
    this.#running.add(handled);
    void handled.finally(() => this.#running.delete(handled));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    // A client that has left is not an event: its request has ended.
    response.on('error', () => undefined);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.once('finish', () => this.#endUnread(request));
    try {
      const url = parseUrl(request.url);
      const page = isRead(request) ? await this.#monitor.answer(request, url.pathname) : null;
      if (page !== null) {
        response.writeHead(page.status, { 'Content-Type': page.contentType }).end(page.body);
        return;
      }
      assertOwnSite(request, this.#context.config.web);
      if (
        isRead(request) &&
        !url.pathname.startsWith('/api/') &&
        this.#assets.respond(request, response, url.pathname)
      )
        return;
      const signal = AbortSignal.any([this.#stopping.signal, gone.signal]);
      const answer = await this.#router.answer(request, response, url, this.#context, signal);
      if (answer !== null) sendAnswer(request, response, answer);
    } catch (error) {
      this.#refuse(request, response, toRefusal(error));
    }
  }

  /** A client that is still sending reads the answer only if we go on reading. But that has a limit. */
  #endUnread(request: IncomingMessage): void {
    if (request.complete) return;
    setTimeout(() => request.complete || request.socket.destroy(), this.#unreadLimitMs).unref();
  }

  #refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
    const { status, fault, headers } = refusal;
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    if (status === 404 && this.#assets.respondNothing(request, response, request.url ?? '')) return;
    if (status >= 500 && fault.code !== 'E_STOPPED')
      this.#app.log.error('web.request_failed', {
        method: request.method,
        path: request.url?.split('?')[0],
        error: fault,
        cause: messageOf(fault.cause ?? ''),
      });
    sendJson(request, response, status, problemDocument(refusal, this.#context.config.web.mode === 'local'), {
      ...headers,
      'Content-Type': 'application/problem+json',
    });
  }
}

function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: NonNullable<Answer>): void {
  const { status = 200, headers = {}, json } = answer;
  if (json !== undefined) sendJson(request, response, status, json, headers);
  else response.writeHead(status, headers).end();
}

function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  document: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  const body = Buffer.from(JSON.stringify(document));
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

function parseUrl(target = '/'): URL {
  const base = 'http://localhost';
  if (target.startsWith('/') && URL.canParse(base + target)) return new URL(base + target);
  throw new TaskError(
    'E_USAGE',
    'the address of the request cannot be read; expected a path such as /api/v1/tasks',
  );
}

function cannotListen(host: string, port: number, cause: Error): TaskError {
  return new TaskError(
    'E_CONFIG',
    `cannot listen at ${host}:${port}: ${cause.message}. Is another one running there? Give --port, or set WEB.`,
    { cause },
  );
}
