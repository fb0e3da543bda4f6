import { LookLimiter } from './look-limiter.ts';

/** Idle slots wait here. Whatever learns of new work wakes one of them. */
export class Wake {
  readonly #waiting = new Set<() => void>();
  readonly #limiter = new LookLimiter(() => this.wakeOne());
  /** A call while no slot waits is kept for the next one, so that no work is missed in between. */
  #isPending = false;

  /** Resolves when woken, or after `timeoutMs`. @returns whether it was woken */
  wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#isPending || signal.aborted) {
      this.#isPending = false;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const end = (isWoken: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve(isWoken);
      };
      const done = () => end(true);
      const timer = setTimeout(() => end(false), timeoutMs);
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

  /** A notification says that there is work. It may be false, and one of thousands: see LookLimiter. */
  hint(): void {
    if (!this.#isPending) this.#limiter.hint();
  }

  /** A slot looks for work now, and finds all work that was announced before. */
  looking(): void {
    this.#isPending = false;
    this.#limiter.looking();
  }

  foundWork(): void {
    this.#limiter.foundSomething();
    this.wakeOne();
  }

  /** Ends the timer of a waiting notification. */
  stop(): void {
    this.#limiter.looking();
  }
}
