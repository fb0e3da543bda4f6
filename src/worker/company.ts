import { once } from 'node:events';

/**
 * Which tasks of an instance run beside each other. A task that would be given up after one more crash runs alone: it
 * may have died for what another one did, and that one must not take it along for the last time.
 */
export class Company {
  #running = 0;
  /** Tasks that run alone, or wait until they do. */
  #loners = 0;
  readonly #changes = new EventTarget();

  /** Waits while a task is alone, or wants to be: another one is not claimed meanwhile. */
  async open(signal: AbortSignal): Promise<void> {
    while (this.#loners > 0 && !signal.aborted) await this.#change(signal);
  }

  /**
   * Waits until a task may run.
   * @param signal - ends the waiting
   * @returns to be called when it has ended
   */
  async join(isAlone: boolean, signal: AbortSignal): Promise<() => void> {
    if (isAlone) this.#loners++;
    const mayRun = () => (isAlone ? this.#running === 0 : this.#loners === 0);
    while (!mayRun() && !signal.aborted) await this.#change(signal);
    this.#running++;
    return () => {
      this.#running--;
      if (isAlone) this.#loners--;
      this.#changes.dispatchEvent(new Event('change'));
    };
  }

  async #change(signal: AbortSignal): Promise<void> {
    await once(this.#changes, 'change', { signal }).catch(() => undefined);
  }
}
