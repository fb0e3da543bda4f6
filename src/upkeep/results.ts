import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { resultsPath } from '../base/site-layout.ts';
import type { NameHolder } from '../db/retention.ts';
import { type FoundFile, ownFolder } from './remove-file.ts';
import { listTree } from './remove-tree.ts';

interface TaskName {
  readonly user_uuid: string;
  readonly task_id: string;
}

/** Names of result folders: the name of an attempt, or a plain number as in earlier versions. */
const RESULT_FOLDER = /^(?:(\d+)\.)?\d+(?:-[0-9a-f]{8})?$/;

/**
 * Removes the results of a task name that nothing leads to: no row points to them, and no row that waits or runs owns
 * them. Names of attempts are never used again, so that what was unreachable once stays so.
 * @param root - of the open uploads folder
 * @param findHolder - asks the database. It is called after the folders were listed: a folder that is made later is not
 *   touched, and the row of one that was there is seen.
 */
export async function removeUnreachableResults(
  root: string,
  task: TaskName,
  findHolder: () => Promise<NameHolder | null>,
): Promise<FoundFile[]> {
  return removeResultFolders(root, task, await listUnreachable(root, task, findHolder));
}

/**
 * Removes some results of a task name, and the folder of them all when it is empty then.
 * @param folders - below the uploads folder
 */
export async function removeResultFolders(
  root: string,
  task: TaskName,
  folders: readonly string[],
): Promise<FoundFile[]> {
  const removed: FoundFile[] = [];
  for (const folder of folders) {
    removed.push(...((await listTree(root, folder)) ?? []));
    await rm(path.join(root, folder), { recursive: true, force: true });
  }
  // Fails while a file is left in it.
  if (folders.length > 0) await rmdir(path.join(root, resultsPath(task))).catch(() => undefined);
  return removed;
}

/** @returns paths below the uploads folder */
export async function listUnreachable(
  root: string,
  task: TaskName,
  findHolder: () => Promise<NameHolder | null>,
): Promise<string[]> {
  const folders = await listResultFolders(root, task);
  const holder = folders.length === 0 ? null : await findHolder();
  return folders.filter((folder) => !isReachable(folder, holder));
}

/** All folders of results of a task name, below the uploads folder. */
export async function listResultFolders(root: string, task: TaskName): Promise<string[]> {
  const folder = resultsPath(task);
  const dir = await ownFolder(root, folder);
  const names = dir === null ? [] : await readdir(dir);
  return names.filter((name) => RESULT_FOLDER.test(name)).map((name) => `${folder}/${name}`);
}

/** Whether a row leads to a folder of results, or may still need it. */
export function isReachable(folder: string, holder: NameHolder | null): boolean {
  if (holder === null) return false;
  const [, rowId] = RESULT_FOLDER.exec(path.basename(folder)) ?? [];
  // The name of a folder of an earlier version does not contain its row.
  const isOfOpenRow = holder.isOpen && (rowId === undefined || rowId === holder.id);
  return isOfOpenRow || (holder.download_path?.startsWith(`${folder}/`) ?? false);
}
