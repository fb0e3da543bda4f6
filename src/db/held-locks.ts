import type pg from 'pg';
import { singleConnection } from './connect.ts';
import { destroyConnection, endConnection } from './connection-limits.ts';

const ANSWER_LIMIT_MS = 5_000;

/** Held until it is released, or the connection that holds it breaks: then another process may have it. */
export interface HeldLock extends AsyncDisposable {
  readonly isLost: boolean;
}

/**
 * Locks that exclude other processes of the site, for what takes longer than a transaction may. All are held by one
 * connection; the server gives them up when this process dies. The same process does not exclude itself.
 */
export class HeldLocks {
  readonly #url: string;
  readonly #answerLimitMs: number;
  #client: Promise<pg.Client> | null = null;

  constructor(url: string, answerLimitMs = ANSWER_LIMIT_MS) {
    this.#url = url;
    this.#answerLimitMs = answerLimitMs;
  }

  /** @returns null when another process has it */
  async take(name: string): Promise<HeldLock | null> {
    const key = `autophon ${name}`;
    this.#client ??= this.#connect();
    const connecting = this.#client;
    const client = await connecting;
    // A connection that gives no answer is dead, and the server may still hold its locks.
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
        // With the connection, the lock has gone as well.
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
