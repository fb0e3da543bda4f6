import vm from 'node:vm';

/**
 * Runs synchronous work that may never end, and stops it after a time. V8 can interrupt any code, also a regular expression
 * that backtracks. The event loop is blocked until then, so the limit must be far below the interval of the heartbeat.
 */
export class TimeBox {
  readonly #context = vm.createContext({ work: null as (() => unknown) | null });
  readonly #script = new vm.Script('work()');

  /**
   * @returns what `work` returned; null: it was stopped
   * @throws what `work` throws
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
