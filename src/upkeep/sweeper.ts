import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import type { Queue } from '../queue/queue.ts';

interface SweepContext {
  readonly db: Db;
  readonly queue: Queue;
  readonly log: Log;
}

/**
 * Gives the tasks of silent holders back to the queue. Nothing else is done here, so that nothing delays it. All
 * instances may do it at the same time.
 */
export class Sweeper {
  readonly #context: SweepContext;
  readonly #intervalSec: number;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> | null = null;

  constructor(context: SweepContext, intervalSec: number) {
    this.#context = context;
    this.#intervalSec = intervalSec;
  }

  start(): void {
    const sweep = () => {
      this.#sweeping ??= this.#sweep().finally(() => {
        this.#sweeping = null;
      });
    };
    this.#timer ??= setInterval(sweep, this.#intervalSec * 1000);
    sweep();
  }

  /** Waits for a sweep under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    try {
      await this.#context.queue.sweep(this.#context.db);
    } catch (error) {
      this.#context.log.warn('sweep.failed', { error });
    }
  }
}
