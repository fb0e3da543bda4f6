import { HintPace } from './hint-pace.ts';

/** Slots that have nothing to do wait here. What learns of work wakes one of them. */
export class Wake {
  readonly #waiting = new Set<() => void>();
  readonly #pace = new HintPace(() => this.wakeOne());
  /** A call that found no slot waiting is kept for the next one: work must not slip through in between. */
  #isPending = false;

  /** Resolves when woken, or after `timeoutMs`. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#isPending || signal.aborted) {
      this.#isPending = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }

  /** Wakes one; it wakes the next when it found work, since there may be more. */
  wakeOne(): void {
    const [first] = this.#waiting;
    if (first === undefined) this.#isPending = true;
    else first();
  }

  /** A notification says that there is work. It may be false, and one of thousands: see HintPace. */
  hint(): void {
    if (!this.#isPending) this.#pace.hint();
  }

  /** A slot looks for work now, and finds whatever was announced before. */
  looking(): void {
    this.#isPending = false;
    this.#pace.looking();
  }

  foundWork(): void {
    this.#pace.foundSomething();
    this.wakeOne();
  }

  /** Ends the timer of a hint that waits. */
  stop(): void {
    this.#pace.looking();
  }
}
