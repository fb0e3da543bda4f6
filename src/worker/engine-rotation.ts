import type { Log } from '../base/log.ts';
import type { Engine, EngineHealth } from '../engines/engine.ts';

/** An engine that is out is looked at again so often: it may have been installed or mended meanwhile. */
const RECHECK_INTERVAL_MS = 60_000;
const CHECK_LIMIT_MS = 120_000;

/**
 * Which engines this instance can run. One that is missing or sick is out of rotation here only; its tasks stay for
 * instances that have it.
 */
export class EngineRotation {
  readonly #engines: ReadonlyMap<string, Engine>;
  readonly #log: Log;
  readonly #health = new Map<string, EngineHealth>();
  #timer: NodeJS.Timeout | null = null;
  readonly #stopped = new AbortController();

  constructor(engines: ReadonlyMap<string, Engine>, log: Log) {
    this.#engines = engines;
    this.#log = log;
  }

  /** Checks all engines; then those that are out again from time to time. */
  async start(onReturned: () => void): Promise<void> {
    await this.#check([...this.#engines.keys()]);
    this.#timer = setInterval(() => {
      void this.#check(this.missing()).then((returned) => {
        if (returned.length > 0) onReturned();
      });
    }, RECHECK_INTERVAL_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stopped.abort();
  }

  /** Names of the engines that this instance cannot run now. */
  missing(): string[] {
    return [...this.#engines.keys()].filter((name) => this.#health.get(name)?.state !== 'ready');
  }

  /** All that was found, by name. */
  get health(): ReadonlyMap<string, EngineHealth> {
    return this.#health;
  }

  version(name: string): string | null {
    return this.#health.get(name)?.version ?? null;
  }

  /** Takes an engine out of rotation that could not be started, until a check finds it well. */
  takeOut(name: string, why: string): void {
    const version = this.version(name);
    this.#health.set(name, { state: 'sick', version, note: why });
    this.#log.error('engine taken out of rotation on this instance', { engine: name, why });
  }

  /** @returns names of engines that are ready now and were not before */
  async #check(names: readonly string[]): Promise<string[]> {
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(CHECK_LIMIT_MS)]);
    const returned: string[] = [];
    await Promise.all(
      names.map(async (name) => {
        const health = await this.#engines.get(name)?.check(signal);
        if (health === undefined || this.#stopped.signal.aborted) return;
        const before = this.#health.get(name);
        this.#health.set(name, health);
        if (before === undefined || before.state === health.state) return;
        this.#log.info('engine health changed', { engine: name, state: health.state, note: health.note });
        if (health.state === 'ready') returned.push(name);
      }),
    );
    return returned;
  }
}
