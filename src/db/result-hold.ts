import { sql } from 'kysely';
import { listFiles } from './attempts.ts';
import type { Db, Tx } from './connect.ts';

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

/** Lists a file that lies beside the result. */
export async function noteFileBeside(
  tx: Tx,
  rowId: string,
  file: { readonly path: string; readonly name: string; readonly bytes: number },
): Promise<void> {
  const { path, name, bytes } = file;
  const none = { sha256: null, version: null };
  await listFiles(tx, rowId, [{ kind: 'output', path, original_name: name, bytes, ...none }]);
}

/** Writes the receipt for such a file. */
export async function noteFileDeleted(tx: Tx, rowId: string, path: string): Promise<void> {
  await tx
    .updateTable('task_files')
    .set({ deleted_at: sql`now()` })
    .where('task', '=', rowId)
    .where('path', '=', path)
    .execute();
}
