import { sql } from 'kysely';
import type { Db, Tx } from './connect.ts';

/** A correction as its row in `task_files` has it. The row names the file: a file that no row names is no correction. */
export interface CorrectionRow {
  readonly id: string;
  /** Of the file, relative to UPLOADS. Each time a correction is kept, it gets a new file. */
  readonly path: string;
  /** What the user calls it. */
  readonly original_name: string;
  readonly bytes: string | null;
}

/**
 * The corrections of a task.
 * @param folder - of its result's corrections
 */
export function listCorrectionRows(db: Db | Tx, rowId: string, folder: string): Promise<CorrectionRow[]> {
  return inFolder(db, rowId, folder).where('deleted_at', 'is', null).orderBy('id').execute();
}

/**
 * Has a row name the new file of a correction. The name keeps its row, also if the correction was deleted before.
 * @param file - its `path` is in `folder`
 */
export async function nameCorrection(
  tx: Tx,
  rowId: string,
  folder: string,
  file: { readonly path: string; readonly name: string; readonly bytes: number },
): Promise<void> {
  const { path, name: original_name, bytes } = file;
  const former = await inFolder(tx, rowId, folder)
    .where('original_name', '=', original_name)
    .orderBy('deleted_at', (order) => order.desc().nullsFirst())
    .limit(1)
    .executeTakeFirst();
  await (former === undefined
    ? tx.insertInto('task_files').values({ task: rowId, kind: 'output', path, original_name, bytes })
    : tx.updateTable('task_files').set({ path, bytes, deleted_at: null }).where('id', '=', former.id)
  ).execute();
}

/** Writes the receipt. */
export async function noteCorrectionDeleted(tx: Tx, id: string): Promise<void> {
  await tx.updateTable('task_files').set({ deleted_at: sql`now()` }).where('id', '=', id).execute();
}

function inFolder(db: Db | Tx, rowId: string, folder: string) {
  return db
    .selectFrom('task_files')
    .select(['id', 'path', 'original_name', 'bytes'])
    .where('task', '=', rowId)
    .where(sql<boolean>`starts_with(path, ${`${folder}/`})`);
}
