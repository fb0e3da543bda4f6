import type pg from 'pg';
import { TaskError } from '../base/errors.ts';

/**
 * What stands between us and Postgres. `session`: a pooler that gives each of our sessions a server's session of its own,
 * which works. `transaction`: one that gives it to others between two transactions.
 */
export type Pooling = 'none' | 'session' | 'transaction';

const NO_TRANSACTIONS = '08P01';

/**
 * Finds out whether a connection leads through a pooler such as PgBouncer, and how that shares its sessions.
 * @param client - connected
 * @param open - makes a second connection to the same address
 */
export async function findPooling(client: pg.Client, open: () => Promise<pg.Client>): Promise<Pooling> {
  const pid = await backendOf(client);
  // A pooler makes up the number that Postgres itself tells at the start of a session.
  if (announcedPid(client) === pid) return 'none';
  const other = await open();
  // Two sessions that are open at the same time have two backends, each its own, unless they are shared.
  try {
    await other.query('BEGIN');
    const otherPid = await backendOf(other);
    const isShared = otherPid === pid || (await backendOf(client)) !== pid;
    await other.query('COMMIT');
    return isShared ? 'transaction' : 'session';
  } catch (error) {
    // Statement mode, which shares even more.
    if ((error as { code?: unknown }).code === NO_TRANSACTIONS) return 'transaction';
    throw error;
  }
}

/** The message about a pooler that shares sessions. */
export function transactionPoolingFault(): TaskError {
  return new TaskError(
    'E_DATABASE',
    'DATABASE_URL leads through a connection pooler that shares sessions (PgBouncer in transaction or statement mode): ' +
      'notifications, limits of sessions and locks get lost in it. Connect to Postgres itself, or to a database of the ' +
      'pooler with pool_mode=session.',
  );
}

function announcedPid(client: pg.Client): number | null {
  return (client as unknown as { readonly processID: number | null }).processID;
}

async function backendOf(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]?.pid ?? null;
}
