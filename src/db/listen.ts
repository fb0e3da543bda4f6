import { sql } from 'kysely';
import type pg from 'pg';
import { must } from '../base/must.ts';
import { type Db, singleConnection } from './connect.ts';
import { destroyConnection, endConnection } from './connection-limits.ts';

const RECONNECT_MIN_MS = 250;
const RECONNECT_MAX_MS = 5_000;
/** A connection may break without an error, such as when a cable is pulled: a statement from time to time finds out. */
const PROBE_INTERVAL_MS = 15_000;
const PROBE_TIMEOUT_MS = 5_000;

export interface ListenOptions {
  readonly url: string;
  readonly channels: readonly string[];
  readonly onNotification: (channel: string, payload: string) => void;
  /** Called after each connection, also the first. Notifications sent before it are lost, so the caller must look for work. */
  readonly onConnected: () => void;
  readonly onLost: (error: Error) => void;
}

/** The channel on which pg-boss and our triggers wake workers. Its payload is the name of the queue. */
export async function workChannel(db: Db): Promise<string> {
  const { rows } = await sql<{ channel: string }>`SELECT work_channel() AS channel`.execute(db);
  return must(rows[0], 'the answer of work_channel()').channel;
}

/** Our triggers notify it when a running task was cancelled or withdrawn. Its payload is `tasks.id`. */
export const WITHDRAWN_CHANNEL = 'autophon_withdrawn';

/** Our triggers notify it when there is a new delivery. Its payload is empty. */
export const DELIVERY_CHANNEL = 'autophon_delivery';

/** Holds one connection that listens until `stop()`. If it breaks, it connects again, with growing pauses between tries. */
export class Listener {
  readonly #options: ListenOptions;
  #client: pg.Client | null = null;
  /** A connection that is being opened: `stop` does not wait for it. */
  #connecting: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #probe: NodeJS.Timeout | null = null;
  #pauseMs = RECONNECT_MIN_MS;
  #stopped = false;

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#client !== null;
  }

  /** Connects for the first time. @throws the error of the connection: only later connections are tried again */
  async start(): Promise<void> {
    await this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#probe !== null) clearInterval(this.#probe);
    const client = this.#client;
    this.#client = null;
    if (this.#connecting !== null) destroyConnection(this.#connecting);
    if (client !== null) await endConnection(client);
  }

  async #connect(): Promise<void> {
    const client = singleConnection(this.#options.url, 'autophon listen', PROBE_TIMEOUT_MS);
    const drop = (error: Error) => this.#drop(client, error);
    client.on('error', drop);
    client.on('end', () => drop(new Error('the connection ended')));
    client.on('notification', ({ channel, payload }) => this.#options.onNotification(channel, payload ?? ''));
    this.#connecting = client;
    try {
      await client.connect();
      for (const channel of this.#options.channels)
        await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    } catch (error) {
      await endConnection(client);
      throw error;
    } finally {
      this.#connecting = null;
    }
    if (this.#stopped) return endConnection(client);
    this.#client = client;
    this.#pauseMs = RECONNECT_MIN_MS;
    this.#probe = setInterval(() => void this.#askWhetherAlive(client), PROBE_INTERVAL_MS);
    this.#probe.unref();
    this.#options.onConnected();
  }

  async #askWhetherAlive(client: pg.Client): Promise<void> {
    try {
      await client.query('SELECT 1');
    } catch (error) {
      this.#drop(client, error as Error);
    }
  }

  #drop(client: pg.Client, error: Error): void {
    // `end` follows `error`, and a former connection may still emit events: neither must drop the current connection.
    if (this.#stopped || this.#client !== client) return;
    this.#client = null;
    if (this.#probe !== null) clearInterval(this.#probe);
    this.#options.onLost(error);
    void endConnection(client);
    this.#reconnectLater();
  }

  #reconnectLater(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#connect().catch(() => this.#reconnectLater());
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, RECONNECT_MAX_MS);
  }
}
