/**
 * How long to wait before searching for work without a notification: short after work was found, doubling up to a limit
 * while there is none. It is needed only if a notification was lost.
 */
export class PollInterval {
  readonly #minSec: number;
  readonly #maxSec: number;
  #currentSec: number;

  constructor(minSec: number, maxSec: number) {
    this.#minSec = minSec;
    this.#maxSec = maxSec;
    this.#currentSec = minSec;
  }

  get currentSec(): number {
    return this.#currentSec;
  }

  foundWork(): void {
    this.#currentSec = this.#minSec;
  }

  foundNothing(): void {
    this.#currentSec = Math.min(this.#maxSec, this.#currentSec * 2);
  }
}
