import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** On every host that systemd runs. Node itself cannot send to a socket of this kind. */
const PROGRAM = 'systemd-notify';
const PROGRAM_LIMIT_MS = 10_000;
const STATUS_INTERVAL_MS = 30_000;
/** One late sign of life must not end the worker. */
const SIGNS_PER_WATCHDOG = 3;

/** The state of the worker, asked each time systemd is told. */
export interface ServiceState {
  /** One line for `systemctl status`. */
  readonly status: string;
  /** False: no sign of life is sent, so that systemd ends and starts the worker when its watchdog time is up. */
  readonly isAlive: boolean;
}

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as systemd gives them to its services. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly describe: () => ServiceState;
  /** Instead of systemd's program. */
  readonly program?: string;
}

/**
 * Tells systemd when the worker is ready, how it does, that it lives and that it stops. Does nothing where systemd does
 * not listen. Signs of life come from the event loop: when it stands still, they stop.
 * Source: sd_notify(3), sd_watchdog_enabled(3).
 */
export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  readonly #socket: string | undefined;
  readonly #hasWatchdog: boolean;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | null = null;
  /** The message to systemd that is under way; the next one waits for it. */
  #told: Promise<void> = Promise.resolve();
  #lastStatus = '';
  #hasFailed = false;

  constructor(options: ServiceManagerOptions) {
    const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID } = options.environment;
    this.#options = options;
    this.#socket = NOTIFY_SOCKET;
    const watchdogMs = Number(WATCHDOG_USEC) / 1_000;
    this.#hasWatchdog =
      watchdogMs > 0 && (WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid);
    this.#intervalMs = this.#hasWatchdog ? watchdogMs / SIGNS_PER_WATCHDOG : STATUS_INTERVAL_MS;
  }

  /** The worker takes tasks from now on. */
  ready(): Promise<void> {
    if (this.#socket === undefined) return this.#told;
    this.#timer ??= setInterval(() => void this.#tellState([]), this.#intervalMs);
    return this.#tellState(['READY=1', `MAINPID=${process.pid}`]);
  }

  /** The worker stops. Signs of life go on until it is disposed of. */
  stopping(): Promise<void> {
    return this.#tellState(['STOPPING=1']);
  }

  /** Sends nothing more, and waits for what is under way. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    return this.#told;
  }

  #tellState(first: readonly string[]): Promise<void> {
    const { status, isAlive } = this.#options.describe();
    const words = [...first];
    if (status !== this.#lastStatus) words.push(`STATUS=${status}`);
    if (this.#hasWatchdog && isAlive) words.push('WATCHDOG=1');
    this.#lastStatus = status;
    if (this.#socket === undefined || words.length === 0) return this.#told;
    this.#told = this.#told.then(() => this.#send(words));
    return this.#told;
  }

  async #send(words: readonly string[]): Promise<void> {
    const { program = PROGRAM, log, environment } = this.#options;
    const env = { NOTIFY_SOCKET: this.#socket, PATH: environment['PATH'] };
    try {
      await promisify(execFile)(program, words, { env, timeout: PROGRAM_LIMIT_MS, killSignal: 'SIGKILL' });
      this.#hasFailed = false;
    } catch (error) {
      if (!this.#hasFailed) log.warn('service.not_told', { error: messageOf(error) });
      this.#hasFailed = true;
    }
  }
}
