import type { Log } from '../base/log.ts';
import { formatClock } from '../base/time.ts';
import type { WorkerEvent } from './events.ts';

const INTERVAL_MS = 60_000;

/** Counts of an instance since it started, logged every minute in the words that operators know. */
export class Statistics {
  readonly #startedAtMs = performance.now();
  readonly #log: Log;
  readonly #pollIntervalSec: () => number;
  #timer: NodeJS.Timeout | null = null;
  #succeeded = 0;
  #failed = 0;
  #active = 0;

  constructor(log: Log, pollIntervalSec: () => number) {
    this.#log = log;
    this.#pollIntervalSec = pollIntervalSec;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.log(), INTERVAL_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  get active(): number {
    return this.#active;
  }

  get succeeded(): number {
    return this.#succeeded;
  }

  get failed(): number {
    return this.#failed;
  }

  note(event: WorkerEvent): void {
    if (event.kind === 'started') this.#active++;
    if (event.kind !== 'ended') return;
    this.#active--;
    if (event.fate === 'completed') this.#succeeded++;
    if (event.fate === 'failed') this.#failed++;
  }

  log(): void {
    this.#log.info('worker.statistics', {}, this.#line());
  }

  #line(): string {
    const uptime = formatClock((performance.now() - this.#startedAtMs) / 1000);
    return (
      `Worker Stats - Uptime: ${uptime}, Processed: ${this.#succeeded + this.#failed}, ` +
      `Success: ${this.#succeeded}, Failed: ${this.#failed}, Active: ${this.#active}, ` +
      `Poll Interval: ${this.#pollIntervalSec().toFixed(1)}s`
    );
  }
}
