import vm from 'node:vm';

/**
 * Runs synchronous work that may never end, and stops it after a time. V8's watchdog thread interrupts the
 * running code wherever it is, a backtracking regular expression included. The event loop stands still until
 * then, so keep the limit well under the worker's heartbeat.
 */
export class TimeBox {
  readonly #context = vm.createContext({ work: null as (() => unknown) | null });
  readonly #script = new vm.Script('work()');

  /**
   * @returns what `work` returns, or null when it was stopped
   * @throws whatever `work` throws
   */
  run<Result>(limitMs: number, work: () => Result): { readonly value: Result } | null {
    let value: { readonly value: Result } | null = null;
    this.#context['work'] = () => {
      value = { value: work() };
    };
    try {
      this.#script.runInContext(this.#context, { timeout: limitMs });
    } catch (thrown) {
      if ((thrown as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
      return null;
    }
    return value;
  }
}
