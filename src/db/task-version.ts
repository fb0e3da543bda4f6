import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** A text that is different after each change of the row. */
export const ROW_VERSION = sql<string>`xmin::text`;

/**
 * Changes a task if `assertMayChange` accepts the version of its row. The row is locked from the check to the change.
 * @param assertMayChange - gets the version, or null when the task is gone
 * @param act - gets the transaction that holds the row
 * @throws what `assertMayChange` throws
 */
export function changeVersion<T>(
  db: Db,
  rowId: string,
  assertMayChange: (version: string | null) => void,
  act: (tx: Db) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('tasks')
      .select(ROW_VERSION.as('version'))
      .where('id', '=', rowId)
      .forUpdate()
      .executeTakeFirst();
    assertMayChange(row?.version ?? null);
    return await act(tx);
  });
}
