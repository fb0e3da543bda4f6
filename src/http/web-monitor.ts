import type { IncomingMessage } from 'node:http';
import { Monitor, type MonitorPage } from '../monitor/monitor.ts';
import type { TaskEvents } from './events.ts';
import type { Gate } from './who/gate.ts';
import { assertOwnSite, notAllowed, visibleUser } from './who.ts';

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

/** What monitoring is told of the page's server. */
export class WebMonitor {
  readonly #options: WebMonitorOptions;
  /** Made for the first request, since most sites monitor their workers only. */
  #monitor: Monitor | null = null;

  constructor(options: WebMonitorOptions) {
    this.#options = options;
  }

  /**
   * @returns null: the path does not belong to monitoring. @throws Refusal when the caller may not see figures of the
   * site
   */
  async answer(request: IncomingMessage, pathname: string): Promise<MonitorPage | null> {
    const { url, events, gate, web } = this.#options;
    if (pathname === METRICS) {
      assertOwnSite(request, web);
      if (visibleUser(await gate.identify(request)) !== null)
        throw notAllowed('figures of the whole site are for the roles viewer and operator');
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
}
