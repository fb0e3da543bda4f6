import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { TaskError } from '../base/errors.ts';
import { singleConnection } from './connect.ts';
import { endConnection } from './connection-limits.ts';
import { isRowHeld } from './statement-fault.ts';

/** How long one try waits for a lock. It is short: while a statement waits for a table, all later statements wait behind it. */
const LOCK_TRY_MS = 2_000;
/** The application name of all connections of a migration. `BlockerWatch` finds them by it. */
export const MIGRATE_NAME = 'autophon migrate';
/** Pool settings for a library that takes part in a migration. */
export const LOCK_TRY_SETTINGS = { application_name: MIGRATE_NAME, onConnect: limitTries };
/** The pause between two tries, in which the statements of other sessions run. */
const PAUSE_MS = 500;
const LOOK_EVERY_MS = 500;
const LOOK_TIMEOUT_MS = 2_000;

/** Limits how long the statements of a connection wait for a lock. */
export async function limitTries(client: pg.ClientBase): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TRY_MS}`);
}

export interface LockRetryOptions {
  readonly url: string;
  /** How long all tries together may take. */
  readonly limitMs: number;
  /** Gets a line about the sessions that hold the locks, and another one when they change. */
  readonly onWait: (text: string) => void;
}

/**
 * Runs `act`, which needs locks that other sessions may hold, again and again until it gets them.
 * @param what - for messages, such as `the migration 0003_x.sql`
 * @param act - uses connections with `limitTries`, and keeps nothing when it fails
 * @throws TaskError E_DATABASE when the limit is over; it names the sessions that hold the locks
 */
export async function retryForLocks<T>(
  what: string,
  act: () => Promise<T>,
  options: LockRetryOptions,
): Promise<T> {
  const deadlineMs = performance.now() + options.limitMs;
  const watch = new BlockerWatch(what, options);
  try {
    for (;;) {
      try {
        return await watch.during(act());
      } catch (error) {
        if (!isRowHeld(error)) throw error;
        if (performance.now() + PAUSE_MS > deadlineMs)
          throw givenUp(what, options.limitMs, watch.holders, error);
      }
      await delay(PAUSE_MS);
    }
  } finally {
    await watch.end();
  }
}

/** Finds out which sessions the migration waits for, on a connection of its own that is opened when the work takes long. */
class BlockerWatch {
  readonly #what: string;
  readonly #options: LockRetryOptions;
  #client: pg.Client | null = null;
  #holders: string | null = null;

  constructor(what: string, options: LockRetryOptions) {
    this.#what = what;
    this.#options = options;
  }

  /** The sessions that were seen last; null: none was found. */
  get holders(): string | null {
    return this.#holders;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    const ended = new AbortController();
    const looking = this.#lookUntil(ended.signal);
    try {
      return await work;
    } finally {
      ended.abort();
      await looking;
    }
  }

  async end(): Promise<void> {
    if (this.#client !== null) await endConnection(this.#client);
  }

  async #lookUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // The server may have no free connection for this. Then the wait goes on, and the sessions are not named.
      const holders = await this.#findHolders().catch(() => null);
      if (holders === null || holders === this.#holders) continue;
      this.#holders = holders;
      this.#options.onWait(`${this.#what} waits for ${holders}`);
    }
  }

  async #findHolders(): Promise<string | null> {
    const { url } = this.#options;
    if (this.#client === null) {
      const client = singleConnection(url, 'autophon lock watch', LOOK_TIMEOUT_MS);
      client.on('error', () => {
        if (this.#client === client) this.#client = null;
      });
      await client.connect();
      this.#client = client;
    }
    const { rows } = await this.#client.query<Holder>(HOLDERS, [MIGRATE_NAME]);
    return rows.length === 0 ? null : rows.map(describe).join('; ');
  }
}

interface Holder {
  readonly pid: number;
  readonly application: string;
  readonly user: string;
  /** Null, as is `since`: our role may not see it. */
  readonly state: string | null;
  readonly since: string | null;
}

const HOLDERS = `
  SELECT DISTINCT holder.pid, coalesce(nullif(holder.application_name, ''), 'no name') AS application,
    coalesce(holder.usename, '?') AS "user", holder.state, to_char(holder.query_start, 'YYYY-MM-DD HH24:MI:SS') AS since
  FROM pg_stat_activity AS waiter
    CROSS JOIN LATERAL unnest(pg_blocking_pids(waiter.pid)) AS blocking (pid)
    JOIN pg_stat_activity AS holder ON holder.pid = blocking.pid
  WHERE waiter.application_name = $1 AND waiter.datname = current_database() AND waiter.wait_event_type = 'Lock'
  ORDER BY holder.pid LIMIT 5`;

function describe({ pid, application, user, state, since }: Holder): string {
  const doing = state === null ? '' : `, ${state}, its last statement began at ${since}`;
  return `pid ${pid} (${application}, role ${user}${doing})`;
}

function givenUp(what: string, limitMs: number, holders: string | null, cause: unknown): TaskError {
  const holder = holders ?? 'a lock that another session holds';
  return new TaskError(
    'E_DATABASE',
    `${what} waited ${Math.round(limitMs / 1000)} s for ${holder}; nothing of it was kept. ` +
      'End that transaction, if need be with SELECT pg_terminate_backend(PID), and run "autophon migrate" again.',
    { cause },
  );
}
