import { availableParallelism } from 'node:os';
import { TaskError } from '../base/errors.ts';
import { Refusal } from './problem.ts';

const TOO_MANY = 429;
const RETRY_AFTER_SEC = '10';

export interface WorkLimitOptions {
  /** Limit for all users together. */
  readonly atOnce?: number;
  readonly atOnceOfUser?: number;
  /** More requests of one user are refused. */
  readonly waitingOfUser?: number;
}

interface Waiting {
  readonly user: string;
  readonly start: () => void;
}

/**
 * Work of requests that needs much of the machine, such as the check of a task: a limited number runs at once, and the
 * rest waits in order. One user cannot delay the others, because each has only a part of the places.
 */
export class WorkLimit {
  readonly #options: Required<WorkLimitOptions>;
  readonly #running = new Map<string, number>();
  #runningCount = 0;
  #waiting: Waiting[] = [];

  constructor(options: WorkLimitOptions = {}) {
    this.#options = {
      atOnce: Math.max(4, availableParallelism()),
      atOnceOfUser: 2,
      waitingOfUser: 20,
      ...options,
    };
  }

  /**
   * Does the work when its turn comes.
   * @throws Refusal 429 when too many requests of this user wait already; the reason of `signal`; what `act` throws
   */
  async run<T>(user: string, signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (!this.#hasPlace(user)) await this.#wait(user, signal);
    else this.#take(user);
    try {
      return await act();
    } finally {
      this.#leave(user);
    }
  }

  /** Resolves when a place was taken. */
  #wait(user: string, signal: AbortSignal): Promise<void> {
    const { waitingOfUser } = this.#options;
    if (this.#waiting.filter((one) => one.user === user).length >= waitingOfUser) {
      const text = `${waitingOfUser} of your requests wait to be worked on; send this one again when some of them have ended`;
      throw new Refusal(TOO_MANY, new TaskError('E_LIMIT', text), { 'Retry-After': RETRY_AFTER_SEC });
    }
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting);
        reject(signal.reason);
      };
      const waiting = {
        user,
        start: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#waiting.push(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #hasPlace(user: string): boolean {
    const { atOnce, atOnceOfUser } = this.#options;
    return this.#runningCount < atOnce && (this.#running.get(user) ?? 0) < atOnceOfUser;
  }

  #take(user: string): void {
    this.#runningCount++;
    this.#running.set(user, (this.#running.get(user) ?? 0) + 1);
  }

  #leave(user: string): void {
    this.#runningCount--;
    const left = (this.#running.get(user) ?? 0) - 1;
    if (left > 0) this.#running.set(user, left);
    else this.#running.delete(user);
    const next = this.#waiting.find((one) => this.#hasPlace(one.user));
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((one) => one !== next);
    // Before the other waiting requests.
    this.#take(next.user);
    next.start();
  }
}
