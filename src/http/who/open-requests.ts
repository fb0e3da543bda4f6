import type { ServerResponse } from 'node:http';
import { TaskError } from '../../base/errors.ts';
import { Refusal } from '../problem.ts';

const TOO_MANY = 429;
const RETRY_AFTER_SEC = '5';
/** A quarter of the connections that the server accepts. A page needs about ten. */
const MAX_OPEN = 500;

/**
 * Requests of each user whose answers have not ended. Those that are sent or read slowly stay open for long: without a
 * limit, one user could take all connections of the server.
 */
export class OpenRequests {
  readonly #open = new Map<string, number>();
  readonly #maxOpen: number;

  constructor(maxOpen = MAX_OPEN) {
    this.#maxOpen = maxOpen;
  }

  /** Counts a request until its connection has closed or its answer has ended. @throws Refusal 429 */
  enter(user: string, response: Pick<ServerResponse, 'once' | 'destroyed'>): void {
    // The client left while its token was checked, and 'close' does not come again.
    if (response.destroyed) return;
    const open = this.#open.get(user) ?? 0;
    if (open >= this.#maxOpen) {
      const text = `${open} of your requests are open; send this one again when some of them have ended`;
      throw new Refusal(TOO_MANY, new TaskError('E_LIMIT', text), { 'Retry-After': RETRY_AFTER_SEC });
    }
    this.#open.set(user, open + 1);
    response.once('close', () => {
      const left = (this.#open.get(user) ?? 1) - 1;
      if (left > 0) this.#open.set(user, left);
      else this.#open.delete(user);
    });
  }
}
