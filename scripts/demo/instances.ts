import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { TaskError } from '../../src/base/errors.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/autophon');
/** Of what a worker said, shown when it ends before its time. */
const KEPT_LINES = 30;
/** Longer than a worker's own grace time: one that hangs must not outlive the demo. */
const STOP_LIMIT_MS = 30_000;

interface Instance {
  readonly child: ChildProcess;
  readonly said: string[];
  readonly ended: Promise<unknown>;
}

/** Worker processes as an operator would start them. */
export class Instances implements AsyncDisposable {
  readonly #instances: readonly Instance[];
  readonly #died = new AbortController();
  #isStopping = false;

  constructor(count: number, databaseUrl: string) {
    this.#instances = Array.from({ length: count }, () => this.#start(databaseUrl));
  }

  /** Aborts when one of them ends before it is told to. */
  get signal(): AbortSignal {
    return this.#died.signal;
  }

  /** @throws TaskError E_INTERNAL with the last words of an instance that ended before it was told to */
  assertAlive(): void {
    if (this.#died.signal.aborted) throw this.#died.signal.reason;
  }

  /** Ends them as systemd would: SIGTERM, and SIGKILL for one that does not listen. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const { child } of this.#instances) child.kill('SIGTERM');
    const limit = setTimeout(() => this.#kill(), STOP_LIMIT_MS);
    await Promise.all(this.#instances.map(({ ended }) => ended));
    clearTimeout(limit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #start(databaseUrl: string): Instance {
    const child = spawn(PROGRAM, ['worker'], {
      env: { ...process.env, DATABASE_URL: databaseUrl },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (said.length > KEPT_LINES) said.shift();
    });
    const ended = once(child, 'close').then(([code, signal]) => {
      if (this.#isStopping) return;
      const words = said.map((line) => `\n${line}`).join('');
      const how = signal === null ? `with ${code}` : `by ${signal}`;
      this.#died.abort(new TaskError('E_INTERNAL', `a worker of the demo ended ${how}:${words}`));
    });
    return { child, said, ended };
  }

  #kill(): void {
    for (const { child } of this.#instances) child.kill('SIGKILL');
  }
}
