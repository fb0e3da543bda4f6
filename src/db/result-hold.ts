import { makeDurable } from './attempts.ts';
import type { Db, Tx } from './connect.ts';

/**
 * Holds the row of a completed task while `act` runs, so that neither the result nor the task can be deleted. `act` should
 * only write or delete a file beside the result.
 * @param downloadPath - where the caller saw the result
 * @returns null: the result is no longer there, and `act` was not run
 */
export function withHeldResult<T>(
  db: Db,
  rowId: string,
  downloadPath: string,
  act: (tx: Tx) => Promise<T>,
): Promise<T | null> {
  return db.transaction().execute(async (tx) => {
    // A file that no row names any more is removed after this commit.
    await makeDurable(tx);
    const held = await tx
      .selectFrom('tasks')
      .select('id')
      .where('id', '=', rowId)
      .where('task_status', '=', 'completed')
      .where('download_path', '=', downloadPath)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (held === undefined) return null;
    return await act(tx);
  });
}
