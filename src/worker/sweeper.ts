import type { WorkerContext } from './context.ts';

/**
 * Gives the tasks of silent holders back to the queue. Nothing else is done here, so that nothing holds it up. All
 * instances may do it at the same time.
 */
export class Sweeper {
  readonly #context: WorkerContext;
  readonly #intervalSec: number;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> | null = null;

  constructor(context: WorkerContext, intervalSec: number) {
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
