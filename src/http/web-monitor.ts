import type { IncomingMessage } from 'node:http';
import { within } from '../base/within.ts';
import { isDatabaseAway } from '../db/statement-fault.ts';
import { Monitor, type MonitorPage } from '../monitor/monitor.ts';
import type { TaskEvents } from './events.ts';
import type { Gate } from './who/gate.ts';
import { assertOwnSite, bearerOf, notAllowed, visibleUser } from './who.ts';

export interface WebMonitorOptions {
  /** Address of the database. */
  readonly url: string;
  readonly events: Pick<TaskEvents, 'isListening'>;
  readonly gate: Pick<Gate, 'identify'>;
  readonly web: Parameters<typeof assertOwnSite>[1];
}

/** These answers name no user, task or file: probes use an address, and have no token. */
const FOR_ALL = ['/livez', '/readyz'];
const METRICS = '/metrics';
/** A scraper waits a few seconds, also for the figures. */
const CHECK_LIMIT_MS = 2_000;
const MAX_TOKENS = 100;

/** What monitoring is told of the page's server. */
export class WebMonitor {
  readonly #options: WebMonitorOptions;
  /** Made for the first request, since most sites monitor their workers only. */
  #monitor: Monitor | null = null;
  /** Tokens that were valid at their last use here, of callers who may see the figures. */
  readonly #validTokens = new Set<string>();

  constructor(options: WebMonitorOptions) {
    this.#options = options;
  }

  /**
   * @returns null: the path does not belong to monitoring. @throws Refusal when the caller may not see figures of the
   * site
   */
  async answer(request: IncomingMessage, pathname: string): Promise<MonitorPage | null> {
    const { url, events, web } = this.#options;
    if (pathname === METRICS) {
      assertOwnSite(request, web);
      await this.#assertMayRead(request);
    } else if (!FOR_ALL.includes(pathname)) return null;
    const lack = 'the connection for them is lost; pages are told of no changes';
    this.#monitor ??= new Monitor({
      url,
      isAlive: () => true,
      needs: () => ({ notifications: events.isListening ? null : lack }),
    });
    return this.#monitor.answer(pathname);
  }

  async stop(): Promise<void> {
    await this.#monitor?.stop();
  }

  /**
   * While the database is away, which figures of the process are to show, a token is not checked if it was valid at its
   * last use.
   */
  async #assertMayRead(request: IncomingMessage): Promise<void> {
    const token = bearerOf(request);
    const isKnown = token !== null && this.#validTokens.has(token);
    try {
      const identified = this.#options.gate.identify(request);
      if (isKnown && !(await within(CHECK_LIMIT_MS, identified))) return;
      if (visibleUser(await identified) !== null)
        throw notAllowed('figures of the whole site are for the roles viewer and operator');
    } catch (error) {
      if (isKnown && isDatabaseAway(error)) return;
      if (token !== null) this.#validTokens.delete(token);
      throw error;
    }
    if (token === null) return;
    if (this.#validTokens.size >= MAX_TOKENS) this.#validTokens.clear();
    this.#validTokens.add(token);
  }
}
