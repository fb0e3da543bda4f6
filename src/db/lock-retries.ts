import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { TaskError } from '../base/errors.ts';
import { singleConnection } from './connect.ts';
import { endConnection } from './connection-limits.ts';
import { isRowHeld } from './statement-fault.ts';

/** For one try: while a statement waits for a table, all later statements wait behind it. */
const LOCK_TRY_MS = 2_000;
/** The name of all connections of a migration. `BlockerWatch` finds by it what they wait for. */
export const MIGRATE_NAME = 'autophon migrate';
/** Pool settings for a library that takes part in a migration. */
export const LOCK_TRY_SETTINGS = { application_name: MIGRATE_NAME, onConnect: limitTries };
/** A pause between two tries, in which other sessions get their turn. */
const PAUSE_MS = 500;
const LOOK_AFTER_MS = 500;
const LOOK_TIMEOUT_MS = 2_000;

/** Limits what a try may wait for one lock. */
export async function limitTries(client: pg.ClientBase): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TRY_MS}`);
}

export interface LockRetryOptions {
  readonly url: string;
  /** How long to wait, over all tries. */
  readonly limitMs: number;
  /** Told which sessions the work waits for, and again when they change. */
  readonly onWait: (text: string) => void;
}

/**
 * Does something that needs locks which others may hold. Each try has to give up after LOCK_TRY_MS by itself, with all
 * that it has done; it is tried again until the limit.
 * @param what - such as `the migration 0003_x.sql`
 * @throws TaskError E_DATABASE when the limit is over, with those who hold the locks
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

/** Finds out which sessions our sessions wait for. It uses a connection of its own, made when the work takes long. */
class BlockerWatch {
  readonly #what: string;
  readonly #options: LockRetryOptions;
  #client: pg.Client | null = null;
  #holders: string | null = null;

  constructor(what: string, options: LockRetryOptions) {
    this.#what = what;
    this.#options = options;
  }

  /** As last seen; null: none was found. */
  get holders(): string | null {
    return this.#holders;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    // A rejection is awaited below, after the looks.
    work.catch(() => undefined);
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
      await delay(LOOK_AFTER_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      // All connections may be in use, too. Then the wait goes on, and the sessions are not named.
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
        this.#client = null;
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
  /** Null: this role has no right to see it. */
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
  const holder = holders === null ? 'a lock that another session holds' : holders;
  return new TaskError(
    'E_DATABASE',
    `${what} waited ${Math.round(limitMs / 1000)} s for ${holder}; nothing of it was kept. ` +
      'Have that transaction ended, by the person or with SELECT pg_terminate_backend(PID), and run "autophon migrate" again.',
    { cause },
  );
}
