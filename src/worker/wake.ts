/** Slots that have nothing to do wait here; whoever learns of work wakes one of them. */
export class Wake {
  readonly #waiting = new Set<() => void>();
  /** A call that found nobody waiting is kept for the next one: work must not slip through in between. */
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
}
