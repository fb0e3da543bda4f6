/** After the grace time engines end, and the ends of their tasks are written. */
const WRITE_LIMIT_MS = 3_000;
/** Then the instance ends, whatever still waits for a lock, a dead connection or a disk. */
const END_LIMIT_MS = 3_300;

/** The last seconds of an instance, counted once from when its tasks are handed back. */
export class StopDeadline {
  readonly #onWriteLimit: () => void;
  readonly #passed = Promise.withResolvers<void>();
  #timers: NodeJS.Timeout[] = [];

  constructor(onWriteLimit: () => void) {
    this.#onWriteLimit = onWriteLimit;
  }

  /** Resolves when the time is up. */
  get passed(): Promise<void> {
    return this.#passed.promise;
  }

  begin(): void {
    if (this.#timers.length > 0) return;
    this.#timers = [
      setTimeout(this.#onWriteLimit, WRITE_LIMIT_MS),
      setTimeout(() => this.#passed.resolve(), END_LIMIT_MS),
    ];
  }

  cancel(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
