import type pg from 'pg';
import { singleConnection } from './connect.ts';
import { destroyConnection, endConnection } from './connection-limits.ts';

const ANSWER_LIMIT_MS = 5_000;

/** A lock that is held until it is disposed of. */
export interface HeldLock extends AsyncDisposable {
  /** The connection that held it is broken: another process may have the lock now. */
  readonly isLost: boolean;
}

/**
 * Locks that exclude other processes of the site, for work that takes longer than a transaction may. One connection holds them
 * all, so the server releases them when this process dies. The same process can take the same lock twice.
 */
export class HeldLocks {
  readonly #url: string;
  readonly #answerLimitMs: number;
  #client: Promise<pg.Client> | null = null;

  constructor(url: string, answerLimitMs = ANSWER_LIMIT_MS) {
    this.#url = url;
    this.#answerLimitMs = answerLimitMs;
  }

  /** @returns null: another process has the lock */
  async take(name: string): Promise<HeldLock | null> {
    const key = `autophon ${name}`;
    this.#client ??= this.#connect();
    const connecting = this.#client;
    const client = await connecting;
    // A connection without an answer is dead, but the server may not know it and still hold the locks.
    const drop = () => {
      if (this.#client === connecting) this.#client = null;
      destroyConnection(client);
    };
    let isTaken: boolean | undefined;
    try {
      const { rows } = await client.query<{ taken: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken',
        [key],
      );
      isTaken = rows[0]?.taken;
    } catch (error) {
      drop();
      throw error;
    }
    if (isTaken !== true) return null;
    const isLost = () => this.#client !== connecting;
    return {
      get isLost() {
        return isLost();
      },
      [Symbol.asyncDispose]: async () => {
        // If this fails, the connection is closed, and the server releases the lock.
        await client.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key]).catch(drop);
      },
    };
  }

  async stop(): Promise<void> {
    const client = await this.#client?.catch(() => null);
    this.#client = null;
    if (client) await endConnection(client);
  }

  #connect(): Promise<pg.Client> {
    const client = singleConnection(this.#url, 'autophon web locks', this.#answerLimitMs);
    const connecting = client.connect().then(() => client);
    const forget = () => {
      if (this.#client === connecting) this.#client = null;
    };
    client.on('error', forget);
    client.on('end', forget);
    connecting.catch(forget);
    return connecting;
  }
}
