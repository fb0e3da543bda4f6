import { sql } from 'kysely';
import { listFiles } from './attempts.ts';
import type { Db, Tx } from './connect.ts';

/**
 * Holds the row of a completed task while `act` runs, so that neither the result nor the task can be deleted. `act` should
 * only write or delete a file beside the result.
 * @param downloadPath - where the caller saw the result
 * @returns false: the result is no longer there, and `act` was not run
 */
export function withHeldResult(
  db: Db,
  rowId: string,
  downloadPath: string,
  act: (tx: Tx) => Promise<void>,
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
    await act(tx);
    return true;
  });
}

/** Adds a file beside the result to the files of the task. */
export async function noteFileBeside(
  tx: Tx,
  rowId: string,
  file: { readonly path: string; readonly name: string; readonly bytes: number },
): Promise<void> {
  const { path, name, bytes } = file;
  const none = { sha256: null, version: null };
  await listFiles(tx, rowId, [{ kind: 'output', path, original_name: name, bytes, ...none }]);
}

/** Writes the receipt of a deleted file beside the result. */
export async function noteFileDeleted(tx: Tx, rowId: string, path: string): Promise<void> {
  await tx
    .updateTable('task_files')
    .set({ deleted_at: sql`now()` })
    .where('task', '=', rowId)
    .where('path', '=', path)
    .execute();
}
