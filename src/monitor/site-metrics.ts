import { Gauge, type Registry } from 'prom-client';
import type { SiteFigure } from '../db/site-figures.ts';

/** Each is the same at all instances of a site. A label says so, because a sum over instances would be wrong. */
const SCOPE = 'site';

/** Figures of the database by name, with the name of the metric and of its label. */
const SITE_GAUGES: Readonly<Record<string, readonly [name: string, label: string | null, help: string]>> = {
  tasks: [
    'autophon_tasks',
    'status',
    'Tasks that have not ended, by status; above 50000 of one status, an estimate',
  ],
  oldest_queued_seconds: [
    'autophon_task_oldest_queued_seconds',
    'engine',
    'How long the first task that waits for an engine has waited',
  ],
  ended_last_hour: ['autophon_tasks_ended_last_hour', 'status', 'Tasks that ended in the last hour'],
  stuck: ['autophon_tasks_stuck', null, 'Running tasks whose worker shows no sign of life'],
  workers: ['autophon_workers', 'state', 'Workers with a sign of life in the last 30 seconds'],
  engine_workers: ['autophon_engine_workers', 'engine', 'Workers at which an engine is ready'],
  deliveries_late: [
    'autophon_deliveries_late',
    null,
    'Messages about ended tasks that their receivers have not taken for minutes',
  ],
  chores_late: ['autophon_chores_late', null, 'Chores that are late, such as the deletion of audio'],
};
/** These are 0 if the database has no row for them. */
const NEVER_EMPTY: Readonly<Record<string, readonly string[]>> = {
  workers: ['ready', 'paused', 'paused_by_operator'],
};
/** Names of engines come from tasks. */
const MAX_LABEL_CHARS = 100;

/** Metrics of the site as a whole. */
export class SiteMetrics {
  readonly #gauges: ReadonlyMap<string, Gauge>;
  readonly #isUp: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#gauges = new Map(
      Object.entries(SITE_GAUGES).map(([figure, [name, label, help]]) => {
        const labelNames = label === null ? ['scope'] : ['scope', label];
        const whole = `${help}. The same at all workers: take the maximum, never the sum`;
        return [figure, new Gauge({ name, help: whole, labelNames, registers })];
      }),
    );
    this.#isUp = new Gauge({
      name: 'autophon_database_up',
      help: 'Whether the database answers this process; if not, the figures with scope="site" are left out',
      registers,
    });
  }

  /** @param figures - null: the database did not answer */
  show(figures: readonly SiteFigure[] | null): void {
    for (const [figure, gauge] of this.#gauges) {
      gauge.reset();
      if (figures === null) continue;
      for (const label of NEVER_EMPTY[figure] ?? []) gauge.set(this.#labels(figure, label), 0);
    }
    for (const { figure, label, value } of figures ?? []) {
      this.#gauges.get(figure)?.set(this.#labels(figure, label.slice(0, MAX_LABEL_CHARS)), value);
    }
    this.#isUp.set(figures === null ? 0 : 1);
  }

  #labels(figure: string, value: string): Record<string, string> {
    const label = SITE_GAUGES[figure]?.[1] ?? null;
    return label === null ? { scope: SCOPE } : { scope: SCOPE, [label]: value };
  }
}
