import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** Differs after each change of a row. */
export const ROW_VERSION = sql<string>`xmin::text`;

/**
 * Changes a task unless `assertMayChange` refuses the version that its row has. No other program changes it in between.
 * @param act - gets the connection that holds the row
 * @throws what `assertMayChange` throws; it is told null when the task is gone
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
