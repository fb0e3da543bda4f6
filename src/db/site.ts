import { sql } from 'kysely';
import type { Db } from './connect.ts';

export interface Site {
  readonly id: string;
  /** Whether the first worker or `submit` has written the marker of the site into UPLOADS. */
  readonly isBound: boolean;
}

export async function readSite(db: Db): Promise<Site> {
  const { id, bound_at } = await db.selectFrom('site').select(['id', 'bound_at']).executeTakeFirstOrThrow();
  return { id, isBound: bound_at !== null };
}

/**
 * Binds a site that is not bound yet. If several programs start at the same time, one binds it and the others wait.
 * @param writeMarker - writes the marker into UPLOADS; if it fails, the site stays unbound
 */
export async function bindSite(db: Db, writeMarker: (id: string) => Promise<void>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { id, bound_at } = await tx
      .selectFrom('site')
      .select(['id', 'bound_at'])
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (bound_at !== null) return;
    await writeMarker(id);
    await tx.updateTable('site').set({ bound_at: sql<Date>`now()` }).execute();
  });
}

/** Gives the site a new id, which no marker has yet. @returns the id */
export async function renewSite(db: Db): Promise<string> {
  const { id } = await db
    .updateTable('site')
    .set({ id: sql<string>`gen_random_uuid()`, bound_at: null })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
