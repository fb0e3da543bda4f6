import { WorkerProcess } from '../../src/app/worker-process.ts';
import { TaskError } from '../../src/base/errors.ts';

/** Longer than a worker's own grace time. A worker that hangs must not outlive the demo. */
const STOP_LIMIT_MS = 30_000;

/** Worker processes as an operator would start them. */
export class Instances implements AsyncDisposable {
  readonly #instances: readonly WorkerProcess[];
  readonly #died = new AbortController();
  #isStopping = false;

  constructor(count: number) {
    this.#instances = Array.from({ length: count }, () => this.#start());
  }

  /** Aborts if one of them ends before it is told to. */
  get signal(): AbortSignal {
    return this.#died.signal;
  }

  /** @throws TaskError E_INTERNAL with the last output of an instance that ended before it was told to */
  assertAlive(): void {
    if (this.#died.signal.aborted) throw this.#died.signal.reason;
  }

  /** Ends them as systemd would: SIGTERM, and SIGKILL for a worker that does not end. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const worker of this.#instances) worker.send('SIGTERM');
    await Promise.all(this.#instances.map((worker) => worker.endWithin(STOP_LIMIT_MS)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #start(): WorkerProcess {
    const worker = new WorkerProcess();
    void worker.ended.then((words) => {
      if (!this.#isStopping)
        this.#died.abort(new TaskError('E_INTERNAL', `a worker of the demo has ended: ${words}`));
    });
    return worker;
  }
}
