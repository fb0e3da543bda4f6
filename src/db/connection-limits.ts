import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { storableJson, storableText } from '../base/storable-text.ts';
import { within } from '../base/within.ts';

/**
 * When the server ends an idle transaction. Our transactions wait for nothing outside the database but short file operations,
 * so an idle one belongs to a frozen process or a dead connection.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** How long a statement waits for a locked row or table. It is tried again later: while it waits, it occupies a connection. */
const LOCK_TIMEOUT_MS = 5_000;
const END_LIMIT_MS = 400;
/** pg's message for a statement that took longer than `query_timeout`. */
const NO_ANSWER = 'Query read timeout';

export interface LimitOptions {
  /** Called when a statement got no answer, so that its connection is dead. */
  readonly onNoAnswer?: () => void;
  /** When the server ends a statement; left out: after `answerTimeoutMs`. */
  readonly statementTimeoutMs?: number;
}

/**
 * Settings of a pool that drops connections without an answer, and whose idle transactions the server ends, so that they do not
 * keep their rows locked.
 *
 * If a statement gets no answer, its connection is dead, although no error was reported: a firewall has dropped it, or the
 * host is down. pg fails only the statement, and its pool would use the dead connection again.
 * @param answerTimeoutMs - how long to wait for the answer to a statement
 */
export function connectionLimits(
  answerTimeoutMs: number,
  { onNoAnswer = () => undefined, statementTimeoutMs = answerTimeoutMs }: LimitOptions = {},
) {
  class WatchedClient extends pg.Client {
    static readonly open = new Set<pg.Client>();

    constructor(config?: string | pg.ClientConfig) {
      super(config);
      WatchedClient.open.add(this);
      this.once('end', () => WatchedClient.open.delete(this));
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      const look = (error: unknown) => {
        if (!(error instanceof Error) || error.message !== NO_ANSWER) return;
        // The pool must not use it again. As a statement is under way, pg closes the socket without a goodbye message.
        void this.end().catch(() => undefined);
        onNoAnswer();
      };
      this.query = ((...given: unknown[]) => {
        const args = given.map(withStorableText);
        const callback = args.at(-1);
        if (typeof callback === 'function') {
          const lookFirst = (error: unknown, result: unknown) => {
            look(error);
            callback(error, result);
          };
          return send(...args.slice(0, -1), lookFirst);
        }
        const answer = send(...args);
        if (answer instanceof Promise) answer.catch(look);
        return answer;
      }) as pg.Client['query'];
    }
  }
  return {
    Client: WatchedClient,
    query_timeout: answerTimeoutMs,
    onConnect: (client: pg.ClientBase) => limitSession(client, statementTimeoutMs, LOCK_TIMEOUT_MS),
    keepAlive: true,
    // The process may end without waiting for the answer to the goodbye messages of idle connections.
    allowExitOnIdle: true,
  };
}

/**
 * Sets the limits of a session by a statement: PgBouncer refuses them as startup parameters.
 * @param lockTimeoutMs - how long a statement waits for a locked row or table; 0: without limit
 */
async function limitSession(
  client: pg.ClientBase,
  statementTimeoutMs: number,
  lockTimeoutMs: number,
): Promise<void> {
  await client.query(
    `SET statement_timeout = ${Math.round(statementTimeoutMs)}; SET lock_timeout = ${lockTimeoutMs}; ` +
      `SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS}`,
  );
}

/**
 * Replaces characters that Postgres cannot store, in every text that goes to the database: engines, files and users may give
 * such characters, and the statement would fail.
 * @param argument - an argument of pg's `query`: a statement, its values, an object with both, or a callback
 */
function withStorableText(argument: unknown): unknown {
  if (Array.isArray(argument)) return argument.map(toStorableValue);
  if (typeof argument === 'string') return storableText(argument);
  if (argument === null || typeof argument !== 'object' || !('values' in argument)) return argument;
  return Object.assign(Object.create(Object.getPrototypeOf(argument)), argument, {
    values: withStorableText(argument.values),
  });
}

function toStorableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(toStorableValue);
  // pg would make JSON of a plain object by itself, without the replacement. Dates and bytes are not text.
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && !('toPostgres' in value) ? storableJson(value) : value;
}

/** A single client whose `query_timeout` is also the limit of its statements at the server. */
export class LimitedClient extends pg.Client {
  readonly #answerTimeoutMs: number;

  constructor(settings: pg.ClientConfig & { readonly query_timeout: number }) {
    super(settings);
    this.#answerTimeoutMs = settings.query_timeout;
  }

  override async connect(): Promise<this> {
    await super.connect();
    await limitSession(this, this.#answerTimeoutMs, 0);
    return this;
  }
}

/** Ends a pool within 400 ms. Connections that are then still open, such as one with a waiting statement, are cut. */
export async function endPool(
  end: () => Promise<unknown>,
  { Client }: ReturnType<typeof connectionLimits>,
): Promise<void> {
  await within(END_LIMIT_MS, end());
  for (const client of Client.open) destroyConnection(client);
}

/** Ends a connection. A dead one never answers the goodbye message, so the wait is short. */
export async function endConnection(client: pg.Client): Promise<void> {
  await Promise.race([client.end().catch(() => undefined), delay(END_LIMIT_MS, undefined, { ref: false })]);
  destroyConnection(client);
}

/** Closes the socket without a goodbye message: on a dead connection the message would keep the process from ending. */
export function destroyConnection(client: pg.ClientBase): void {
  const { connection } = client as unknown as { readonly connection: { readonly stream: Duplex } };
  connection.stream.destroy();
}
