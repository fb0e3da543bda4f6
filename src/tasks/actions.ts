import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import {
  ACTION_LIMIT_MS,
  type Action,
  doPartOfAction,
  failAction,
  insertAction,
  listOpenActions,
  type NewAction,
} from '../db/actions.ts';
import { connect, type Db } from '../db/connect.ts';
import { isDatabaseAway } from '../db/statement-fault.ts';

/** An interrupted action is done when the server runs again, unless it is older than this: by then much has changed. */
const FRESH_MINUTES = 10;
const TRIES = 5;
/** Pause before it is tried again; the pause grows. */
const PAUSE_MIN_MS = 250;
const PAUSE_MAX_MS = 15_000;
/** Additional time for the network. */
const WAY_MS = 5_000;

/**
 * Changes all tasks that match a filter, in the background, so that the client need not wait. Actions run one after the
 * other. They have their own connection, so that they take none from requests.
 */
export class Actions {
  readonly #db: Db;
  readonly #log: Log;
  readonly #stopping = new AbortController();
  #last: Promise<void> = Promise.resolve();

  constructor(url: string, log: Log) {
    this.#db = connect({
      url,
      applicationName: 'autophon web actions',
      maxConnections: 1,
      answerTimeoutMs: ACTION_LIMIT_MS + WAY_MS,
      waitsForConnection: true,
    });
    this.#log = log;
  }

  /** Goes on with the actions that an earlier process did not end. */
  async start(): Promise<void> {
    for (const { id, isFresh } of await listOpenActions(this.#db, FRESH_MINUTES)) {
      if (isFresh) this.#add(id);
      else await failAction(this.#db, id, 'the server ended before it was done');
    }
  }

  /** Stores an action, and begins it. */
  async ask(action: NewAction): Promise<Action> {
    const asked = await insertAction(this.#db, action);
    this.#add(asked.id);
    return asked;
  }

  /** What is not done then is done by the next process. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#db.destroy();
    await this.#last;
  }

  #add(id: string): void {
    this.#last = this.#last.then(() => this.#do(id));
  }

  async #do(id: string): Promise<void> {
    let sinceMs = performance.now();
    for (let tried = 1; !this.#stopping.signal.aborted; tried++) {
      try {
        if (!(await doPartOfAction(this.#db, id))) return;
        tried = 0;
        sinceMs = performance.now();
      } catch (error) {
        // Another session held a row, or waited for one of ours.
        if (isDatabaseAway(error) && tried < TRIES) continue;
        if (this.#stopping.signal.aborted) return;
        if (tried <= TRIES || !isDatabaseAway(error))
          this.#log.error('web.action_failed', { action: id, error });
        if (!isDatabaseAway(error)) return await this.#fail(id, messageOf(error));
        if (performance.now() - sinceMs > FRESH_MINUTES * 60_000)
          return await this.#fail(id, 'the database was away for too long');
        await this.#pause(Math.min(PAUSE_MIN_MS * 2 ** (tried - TRIES), PAUSE_MAX_MS));
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }

  async #fail(id: string, error: string): Promise<void> {
    try {
      await failAction(this.#db, id, error);
    } catch (cause) {
      this.#log.error('web.action_failed', { action: id, error: cause });
    }
  }
}
