import { sql } from 'kysely';
import type { Db } from './connect.ts';

/**
 * Does something that no other process of the site does at the same time. The server gives the lock up with the
 * transaction that has it: `act` should take no longer than a small file.
 * @param name - what is to be done one after the other
 */
export function alone<T>(db: Db, name: string, act: () => Promise<T>): Promise<T> {
  return db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`autophon ${name}`}, 0))`.execute(tx);
    return await act();
  });
}
