import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { storableJson, storableText } from '../base/storable-text.ts';
import { within } from '../base/within.ts';

/**
 * Our transactions never wait for anything outside the database. One that is idle belongs to a frozen process or a dead
 * connection, so the server may end it.
 */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** For a row or table that another session holds: a statement that waits keeps its connection from others. It is tried again. */
const LOCK_TIMEOUT_MS = 5_000;
const END_LIMIT_MS = 400;
/** pg's message for a statement that took longer than `query_timeout`. */
const NO_ANSWER = 'Query read timeout';

export interface LimitOptions {
  /** Called when a connection was found dead. */
  readonly onNoAnswer?: () => void;
  /** After so long the server ends a statement; undefined: when this program stops waiting. */
  readonly statementTimeoutMs?: number;
}

/**
 * Settings of a pool that gives up connections which do not answer, and whose sessions the server ends when they fall
 * silent in the middle of a transaction: otherwise they would keep their rows locked.
 *
 * A connection that leaves a statement without an answer is dead, although no error came: a firewall forgot it, a
 * host went away. pg only fails the statement, and a pool would lend the dead connection out again and again.
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
        // The pool must not lend it again. With a statement under way it sends no goodbye message.
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
    // The goodbye message of an idle connection may get no answer either: the process does not wait for it.
    allowExitOnIdle: true,
  };
}

/**
 * Sets the limits of a session at the server, with a statement: PgBouncer refuses them as startup parameters.
 * @param lockTimeoutMs - how long a statement waits for a row or table that another session holds; 0: without limit
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
 * The one door of text to the database: what an engine, a file or a row says may hold what Postgres cannot store, and the
 * statement would fail.
 * @param argument - of pg's `query`: the statement, its values, an object with both, or a callback
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
  // Others (dates, bytes) are no text. pg itself would make plain JSON of an object.
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && !('toPostgres' in value) ? storableJson(value) : value;
}

/** A client on its own whose statements have the same limit at the server as here, `query_timeout`. */
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

/** Ends a pool, in time: one whose statements wait for something is not waited for. Connections still open are cut. */
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

/**
 * Closes the socket without a goodbye message: a dead connection would never take it, and would keep the process from
 * ending.
 */
export function destroyConnection(client: pg.ClientBase): void {
  const { connection } = client as unknown as { readonly connection: { readonly stream: Duplex } };
  connection.stream.destroy();
}
