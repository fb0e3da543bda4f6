import { collectDefaultMetrics, Registry } from 'prom-client';
import { within } from '../base/within.ts';
import { connect, type Db } from '../db/connect.ts';
import { askForAnswer, readSiteFigures, type SiteFigure } from '../db/site-figures.ts';
import { SiteMetrics } from './site-metrics.ts';

export interface MonitorOptions {
  /** Address of the database. */
  readonly url: string;
  /** False: the process should be ended and started again. */
  readonly isAlive: () => boolean;
  /**
   * Things other than the database that the process needs for its work, by name: why it lacks each; null: it has it.
   */
  readonly needs: () => Readonly<Record<string, string | null>>;
  /** Updates the metrics of the process itself, before each scrape. */
  readonly refresh?: () => Promise<void>;
}

/** An answer over HTTP, as text. */
export interface MonitorPage {
  readonly status: 200 | 503;
  readonly contentType: string;
  readonly body: string;
}

/** Scrapers and service managers wait a few seconds, not longer. */
const DATABASE_LIMIT_MS = 2_000;
/** After this time the figures are no longer expected, and their connection counts as dead. */
const FIGURES_LIMIT_MS = 10_000;
/** The lag is measured ten times a second; more often would keep an idle machine awake. */
const EVENT_LOOP_LOOK_MS = 100;
const PLAIN_TEXT = 'text/plain; charset=utf-8';

/**
 * The answers for monitoring: `/livez`, `/readyz`, `/metrics`. The database is asked on a connection of its own, and
 * scrapes at the same time share one statement, so that neither slows tasks down.
 */
export class Monitor {
  /** Registry to which the process adds its own metrics. */
  readonly registry = new Registry();
  readonly #options: MonitorOptions;
  /** For the question whether the database answers, which does not wait for the figures. */
  readonly #probe: Db;
  readonly #db: Db;
  readonly #site: SiteMetrics;
  #asking: Promise<readonly SiteFigure[] | null> | null = null;

  constructor(options: MonitorOptions) {
    this.#options = options;
    const { url } = options;
    const common = { url, applicationName: 'autophon monitor', maxConnections: 1 };
    const onConnectionLost = () => undefined;
    this.#probe = connect({ ...common, answerTimeoutMs: DATABASE_LIMIT_MS, onConnectionLost });
    this.#db = connect({ ...common, answerTimeoutMs: FIGURES_LIMIT_MS, onConnectionLost });
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
    this.#site = new SiteMetrics(this.registry);
  }

  /** @returns null: there is nothing at this path */
  async answer(pathname: string): Promise<MonitorPage | null> {
    switch (pathname) {
      case '/livez':
        return this.#livez();
      case '/readyz':
        return this.#readyz();
      case '/metrics':
        return this.#metrics();
      default:
        return null;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#probe.destroy(), this.#db.destroy()]);
  }

  #livez(): MonitorPage {
    const isAlive = this.#options.isAlive();
    const body = isAlive ? 'alive\n' : 'a heartbeat to the database does not end: start this process again\n';
    return { status: isAlive ? 200 : 503, contentType: PLAIN_TEXT, body };
  }

  async #readyz(): Promise<MonitorPage> {
    const isUp = await this.#isAnswering();
    const needs = { database: isUp ? null : 'it does not answer', ...this.#options.needs() };
    const lines = Object.entries(needs).map(([name, lack]) =>
      lack === null ? `ok ${name}` : `failed ${name}: ${lack}`,
    );
    const isReady = Object.values(needs).every((lack) => lack === null);
    return { status: isReady ? 200 : 503, contentType: PLAIN_TEXT, body: `${lines.join('\n')}\n` };
  }

  async #metrics(): Promise<MonitorPage> {
    const [figures] = await Promise.all([this.#ask(), this.#options.refresh?.()]);
    this.#site.show(figures);
    return { status: 200, contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  /** By the cheapest statement: a worker whose database needs seconds for the figures can take tasks. */
  async #isAnswering(): Promise<boolean> {
    return await within(DATABASE_LIMIT_MS, askForAnswer(this.#probe)).catch(() => false);
  }

  /**
   * A scrape that found the database slow leaves its question to the next one.
   * @returns null when the database has not answered in time
   */
  async #ask(): Promise<readonly SiteFigure[] | null> {
    this.#asking ??= readSiteFigures(this.#db)
      .catch(() => null)
      .finally(() => {
        this.#asking = null;
      });
    const asking = this.#asking;
    return (await within(DATABASE_LIMIT_MS, asking)) ? asking : null;
  }
}
