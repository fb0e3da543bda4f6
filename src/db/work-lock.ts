import { sql } from 'kysely';
import type { Db } from './connect.ts';

/**
 * Runs `act` while no other process of the site runs something under the same name; a later one waits. The lock belongs to a
 * transaction that is open meanwhile, so `act` should only read or write a small file.
 */
export function withWorkLock<T>(db: Db, name: string, act: () => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`autophon ${name}`}, 0))`.execute(tx);
    return await act();
  });
}
