import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../base/log.ts';
import type { Engine, EngineHealth } from '../engines/engine.ts';

/** Whether an engine can be given tasks. Never throws; ends soon after its signal. */
export type ExamineEngine = (engine: Engine, signal: AbortSignal) => Promise<EngineHealth>;

export interface RotationTimes {
  /** How often an engine that is out is checked again: it may have been installed or fixed meanwhile. */
  readonly recheckMs: number;
  /** How long the start waits for the first checks. An engine whose check takes longer joins when it is found ready. */
  readonly firstWaitMs: number;
  /** Limit of one check; the driver's own limits are shorter. */
  readonly limitMs: number;
}

const TIMES: RotationTimes = { recheckMs: 60_000, firstWaitMs: 5_000, limitMs: 180_000 };
const PENDING: EngineHealth = {
  state: 'checking',
  version: null,
  note: 'its check has not ended yet; until then its tasks wait',
};

interface KnownHealth extends EngineHealth {
  /** For an engine out of rotation: when it was last ready, or not yet checked. Its tasks wait from that time on. */
  readonly readyUntil?: string;
}

/**
 * The engines that this instance can run. A missing or sick engine is out of rotation here only, and its tasks stay for
 * instances that have it. All are checked at the same time, and none waits for another.
 */
export class EngineRotation {
  readonly #engines: ReadonlyMap<string, Engine>;
  readonly #log: Log;
  readonly #examine: ExamineEngine;
  readonly #times: RotationTimes;
  readonly #health = new Map<string, KnownHealth>();
  /** Checks under way. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #onReturned: (() => void) | null = null;

  constructor(
    engines: ReadonlyMap<string, Engine>,
    log: Log,
    examine: ExamineEngine,
    times: Partial<RotationTimes> = {},
  ) {
    this.#engines = engines;
    this.#log = log;
    this.#examine = examine;
    this.#times = { ...TIMES, ...times };
  }

  /** Checks all engines, and then, from time to time, those that are out of rotation. Waits for quick answers only. */
  async start(onReturned: () => void): Promise<void> {
    const all = this.#look([...this.#engines.keys()]);
    const answered = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, answered.signal]);
    const waited = delay(this.#times.firstWaitMs, undefined, { signal }).catch(() => undefined);
    await Promise.race([all, waited]);
    answered.abort();
    for (const name of this.#running.keys()) {
      if (!this.#health.has(name)) this.#health.set(name, untilNow(PENDING));
    }
    this.#onReturned = onReturned;
    if (this.#stopped.signal.aborted) return;
    this.#timer = setInterval(() => void this.#look(this.missing()), this.#times.recheckMs);
  }

  /** Ends running checks. When it resolves, no process of a check is alive. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stopped.abort();
    await Promise.all(this.#running.values());
  }

  /** Names of the engines that this instance cannot run now. */
  missing(): string[] {
    return [...this.#engines.keys()].filter((name) => this.#health.get(name)?.state !== 'ready');
  }

  /** All results, by name. */
  get health(): ReadonlyMap<string, KnownHealth> {
    return this.#health;
  }

  version(name: string): string | null {
    return this.#health.get(name)?.version ?? null;
  }

  /** Takes an engine that could not be started out of rotation, until a check finds it ready. */
  takeOut(name: string, why: string): void {
    const version = this.version(name);
    this.#health.set(name, untilNow({ state: 'sick', version, note: why }));
    this.#log.error('engine.taken_out', { engine: name, why });
  }

  async #look(names: readonly string[]): Promise<void> {
    // A check that hangs may still run when the next one is due.
    const idle = names.filter((name) => !this.#running.has(name));
    await Promise.all(
      idle.map((name) => {
        const looking = this.#lookAt(name).finally(() => this.#running.delete(name));
        this.#running.set(name, looking);
        return looking;
      }),
    );
  }

  async #lookAt(name: string): Promise<void> {
    const engine = this.#engines.get(name);
    if (engine === undefined) return;
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(this.#times.limitMs)]);
    const health = await this.#examine(engine, signal);
    if (this.#stopped.signal.aborted) return;
    const before = this.#health.get(name);
    const wasPending = before?.state === 'checking';
    const readyUntil = wasPending || health.state === 'ready' ? undefined : before?.readyUntil;
    this.#health.set(name, readyUntil === undefined ? health : { ...health, readyUntil });
    if (before?.state === health.state && !wasPending) return;
    const isBad = health.state === 'sick' || health.state === 'missing';
    // No log line for an engine that was never set up or is ready from the start.
    const level = isBad ? 'error' : before === undefined ? 'debug' : 'info';
    this.#log[level]('engine.examined', { engine: name, ...health });
    if (health.state === 'ready') this.#onReturned?.();
  }
}

function untilNow(health: EngineHealth): KnownHealth {
  return { ...health, readyUntil: new Date().toISOString() };
}
