import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { correctionsPath } from '../base/site-layout.ts';
import type { Db } from '../db/connect.ts';
import { listCorrectionRows } from '../db/corrections.ts';
import { removeFile } from './remove-file.ts';
import { listTree } from './remove-tree.ts';

/**
 * How old a file is at least. It may be of a request that is about to name it, or, after a failover or the restore of a
 * backup, the newest that its user has.
 */
const LIMIT_MS = 7 * 86_400_000;

/**
 * Removes files of corrections that no row names: their server died, or lost the database, before the row named them or
 * after it named another file.
 * @param row - of a task with a result
 * @returns how many
 */
export async function removeUnnamedCorrections(
  db: Db,
  root: string,
  row: { readonly id: string; readonly download_path: string | null },
): Promise<number> {
  const folder = correctionsPath(row);
  if (folder === null) return 0;
  const found = (await listTree(root, folder)) ?? [];
  const old: string[] = [];
  for (const file of found) if (await isOld(path.join(root, file.path))) old.push(file.path);
  if (old.length === 0) return 0;
  const named = new Set((await listCorrectionRows(db, row.id, folder)).map((one) => one.path));
  let removed = 0;
  for (const file of old) if (!named.has(file) && (await removeFile(root, file)) === 'removed') removed++;
  return removed;
}

async function isOld(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > LIMIT_MS;
}
