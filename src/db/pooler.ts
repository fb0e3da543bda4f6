import type pg from 'pg';
import { TaskError } from '../base/errors.ts';

/**
 * What stands between this program and Postgres. `session`: a pooler that keeps one server session for each of our sessions,
 * which works. `transaction`: a pooler that lends a server session to others between two transactions.
 */
export type Pooling = 'none' | 'session' | 'transaction';

const NO_TRANSACTIONS = '08P01';

/**
 * Finds out whether a connection leads through a pooler such as PgBouncer, and whether the pooler shares sessions.
 * @param client - is connected
 * @param open - opens a second connection to the same address
 */
export async function findPooling(client: pg.Client, open: () => Promise<pg.Client>): Promise<Pooling> {
  const pid = await backendOf(client);
  // Postgres announces its process number at the start of a session; a pooler announces a number of its own.
  if (announcedPid(client) === pid) return 'none';
  const other = await open();
  // Unless a pooler shares them, two open sessions always have two different backends.
  try {
    await other.query('BEGIN');
    const otherPid = await backendOf(other);
    const isShared = otherPid === pid || (await backendOf(client)) !== pid;
    await other.query('COMMIT');
    return isShared ? 'transaction' : 'session';
  } catch (error) {
    // In statement mode, a pooler refuses transactions and shares sessions between statements.
    if ((error as { code?: unknown }).code === NO_TRANSACTIONS) return 'transaction';
    throw error;
  }
}

export function transactionPoolingFault(): TaskError {
  return new TaskError(
    'E_DATABASE',
    'DATABASE_URL leads through a connection pooler that shares sessions (PgBouncer in transaction or statement mode): ' +
      'notifications, locks and session settings do not work through it. Connect to Postgres itself, or to a database of ' +
      'the pooler with pool_mode=session.',
  );
}

function announcedPid(client: pg.Client): number | null {
  return (client as unknown as { readonly processID: number | null }).processID;
}

async function backendOf(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? null;
}
