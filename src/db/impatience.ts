import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

/** Our transactions wait for nobody. One that does is that of a process that froze, or whose connection is dead. */
const IDLE_IN_TRANSACTION_MS = 10_000;
const FAREWELL_LIMIT_MS = 1_000;
/** pg's message for a statement that took longer than `query_timeout`. */
const NO_ANSWER = 'Query read timeout';

/**
 * Settings of a pool that gives up connections which do not answer, and whose sessions the server ends when they fall
 * silent in the middle of a transaction: nobody else would get at the rows that they hold.
 *
 * A connection that leaves a statement without an answer is dead, although nobody said so: a firewall forgot it, a
 * host went away. pg only fails the statement, and a pool would lend the dead connection out again and again.
 * @param onNoAnswer - called when that was found out about one of them
 */
export function impatience(answerTimeoutMs: number, onNoAnswer: () => void = () => undefined) {
  class ImpatientClient extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      const send = this.query.bind(this) as (...args: unknown[]) => unknown;
      const look = (error: unknown) => {
        if (!(error instanceof Error) || error.message !== NO_ANSWER) return;
        // At once no longer fit to be lent; with a statement under way it says no farewell.
        void this.end().catch(() => undefined);
        onNoAnswer();
      };
      this.query = ((...args: unknown[]) => {
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
    Client: ImpatientClient,
    query_timeout: answerTimeoutMs,
    // What we do not wait for any more, the server need not finish.
    statement_timeout: answerTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    // The farewell of an idle connection may stay without an answer too: the process does not wait for it.
    allowExitOnIdle: true,
  };
}

/** Ends a connection. A dead one never answers the farewell: it is not waited for. */
export async function leave(client: pg.Client): Promise<void> {
  await Promise.race([
    client.end().catch(() => undefined),
    delay(FAREWELL_LIMIT_MS, undefined, { ref: false }),
  ]);
  breakOff(client);
}

/** Ends a connection without a farewell: a dead one would never take it, and keep the process from ending. */
export function breakOff(client: pg.ClientBase): void {
  const { connection } = client as unknown as { readonly connection: { readonly stream: Duplex } };
  connection.stream.destroy();
}
