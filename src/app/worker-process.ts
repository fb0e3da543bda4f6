import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = path.resolve(import.meta.dirname, '../cli/main.ts');
/** Lines of its output that are shown when it ends too early. */
const KEPT_LINES = 30;

/**
 * `autophon worker` as a process beside this one. It hears no signals of the terminal, only those that it is sent here,
 * so that one Ctrl-C counts once. When this process dies, it stops as after SIGTERM.
 */
export class WorkerProcess {
  /** Resolves when it has ended, with how, and with its last words. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;

  constructor() {
    this.#child = spawn(process.execPath, [MAIN, 'worker'], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
    });
    const said: string[] = [];
    if (this.#child.stderr !== null) {
      createInterface({ input: this.#child.stderr }).on('line', (line) => {
        said.push(line);
        if (said.length > KEPT_LINES) said.shift();
      });
    }
    this.ended = once(this.#child, 'close').then(
      ([code, signal]) =>
        [signal === null ? `it ended with ${code}` : `it was ended by ${signal}`, ...said].join('\n'),
      (error: Error) => `it could not be started: ${error.message}`,
    );
  }

  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for its end after a signal; what takes longer than the limit is killed. */
  async endWithin(limitMs: number): Promise<void> {
    const limit = setTimeout(() => this.send('SIGKILL'), limitMs);
    await this.ended;
    clearTimeout(limit);
  }
}
