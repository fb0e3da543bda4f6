import type { Db } from './connect.ts';

/**
 * Does something beside the result of a task. While `act` runs the row is held, so that the result cannot be removed, nor
 * the task deleted: it should be no more than the writing of a file.
 * @param downloadPath - where the result is
 * @returns false when it is not there any more: then nothing was done
 */
export function besideResult(
  db: Db,
  rowId: string,
  downloadPath: string,
  act: () => Promise<void>,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const held = await tx
      .selectFrom('tasks')
      .select('id')
      .where('id', '=', rowId)
      .where('task_status', '=', 'completed')
      .where('download_path', '=', downloadPath)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (held === undefined) return false;
    await act();
    return true;
  });
}
