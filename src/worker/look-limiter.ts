/** This number of searches may follow each other at once, so that tasks that come one by one do not wait. */
const BURST = 5;
/** After them, one search in this time. */
const REFILL_MS = 200;

/**
 * Limits the cost of notifications. Any login of the database can send any number of them. Each is a hint to search for
 * work, and useless searches are limited to a few a second. No hint is forgotten, only delayed a little.
 */
export class LookLimiter {
  readonly #look: () => void;
  readonly #nowMs: () => number;
  #looksLeft = BURST;
  #countedAtMs: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param nowMs - a clock that is never set back */
  constructor(look: () => void, nowMs: () => number = () => performance.now()) {
    this.#look = look;
    this.#nowMs = nowMs;
    this.#countedAtMs = nowMs();
  }

  /** Searches now, or as soon as the limit allows. */
  hint(): void {
    if (this.#timer !== null) return;
    this.#refill();
    if (this.#looksLeft >= 1) {
      this.#looksLeft -= 1;
      this.#look();
      return;
    }
    const waitMs = Math.ceil((1 - this.#looksLeft) * REFILL_MS);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.hint();
    }, waitMs);
  }

  /** A search begins for another reason: it answers all earlier hints. */
  looking(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** A search that found work does not count. */
  foundSomething(): void {
    this.#looksLeft = Math.min(BURST, this.#looksLeft + 1);
  }

  #refill(): void {
    const nowMs = this.#nowMs();
    this.#looksLeft = Math.min(BURST, this.#looksLeft + (nowMs - this.#countedAtMs) / REFILL_MS);
    this.#countedAtMs = nowMs;
  }
}
