import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { within } from '../base/within.ts';
import { noteChore, takeChore } from '../db/chores.ts';
import type { Db } from '../db/connect.ts';

/** Something that instances do for each other from time to time. */
export interface Chore {
  readonly name: string;
  readonly everySec: number;
  /** Whether one instance does it for all; otherwise each does it for its own machine. */
  readonly isForAll: boolean;
  /** Its own limit; left out: that of all. */
  readonly limitSec?: number;
  readonly run: (signal: AbortSignal) => Promise<unknown>;
}

export interface UpkeepOptions {
  /**
   * The connections of the chores, closed with them: a chore that hangs in the database takes no connection from tasks.
   */
  readonly db: Db;
  readonly instanceId: string;
  readonly chores: readonly Chore[];
  /** A chore that takes longer has failed: it is told to stop, and is not begun again before it has ended. */
  readonly limitSec: number;
  readonly log: Log;
}

/** Successes of what each instance does are written every third time: often enough for a chore not to look late. */
const NOTED_EVERY_TIMES = 3;
const STOP_LIMIT_MS = 1_000;

/** Runs chores, each on its own schedule. A chore that fails or hangs does not delay the others. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #stopping = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Map<Chore, Promise<void>>();
  readonly #successesUnnoted = new Map<Chore, number>();

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    for (const chore of this.#options.chores) {
      const begin = () => {
        if (this.#running.has(chore)) return;
        this.#running.set(
          chore,
          this.#run(chore).finally(() => this.#running.delete(chore)),
        );
      };
      this.#timers.push(setInterval(begin, chore.everySec * 1000));
      begin();
    }
  }

  /** Tells running chores to stop, and waits for them a moment: each may be ended anywhere. May be called twice. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopping.abort();
    await within(STOP_LIMIT_MS, Promise.all(this.#running.values()));
    await this.#options.db.destroy();
  }

  async #run(chore: Chore): Promise<void> {
    const { db, instanceId, log } = this.#options;
    const { name, limitSec = this.#options.limitSec } = chore;
    const late = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, late.signal]);
    const limit = setTimeout(() => {
      late.abort(new Error(`not ended after ${limitSec} s`));
      log.error('chore.late', { chore: name, limitSec });
      void this.#note(chore, limitSec, `not ended after ${limitSec} s`);
    }, limitSec * 1000);
    // A chore that waits for a connection of an ended pool would never end.
    limit.unref();
    const startedAtMs = performance.now();
    try {
      if (chore.isForAll && !(await takeChore(db, name, chore.everySec, instanceId))) return;
      signal.throwIfAborted();
      await chore.run(signal);
      await this.#note(chore, (performance.now() - startedAtMs) / 1000, null);
    } catch (error) {
      // A late chore was already noted when it became late.
      if (signal.aborted) return;
      log.error('chore.failed', { chore: name, error });
      const message = messageOf(error);
      await this.#note(chore, (performance.now() - startedAtMs) / 1000, message);
    } finally {
      clearTimeout(limit);
    }
  }

  async #note(chore: Chore, seconds: number, error: string | null): Promise<void> {
    const { db, instanceId } = this.#options;
    const unnoted = this.#successesUnnoted.get(chore) ?? NOTED_EVERY_TIMES;
    const isNews = error !== null || chore.isForAll || unnoted + 1 >= NOTED_EVERY_TIMES;
    this.#successesUnnoted.set(chore, isNews ? 0 : unnoted + 1);
    if (!isNews) return;
    // While the database is unreachable it cannot be recorded.
    await noteChore(db, chore, instanceId, seconds, error).catch(() => undefined);
  }
}
