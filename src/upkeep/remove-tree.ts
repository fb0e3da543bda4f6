import { readdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { RESERVED_FOLDERS } from '../base/site-layout.ts';
import { makeNamesReadable } from './readable-names.ts';
import {
  type FoundFile,
  finishRemovals,
  isRemovalFolder,
  lstatOrNull,
  ownFolder,
  removeFile,
  type ShouldRemove,
} from './remove-file.ts';

/** Whether a path of a row can be the folder of one task: `<user>/<folder>/<task>` or deeper, written plainly. */
export function isTaskFolder(taskPath: string, userUuid: string): boolean {
  const [owner, folder = '', ...rest] = taskPath.split('/');
  const isPlain =
    path.posix.normalize(taskPath) === taskPath && !taskPath.endsWith('/') && !taskPath.includes('\0');
  return isPlain && owner === userUuid && rest.length > 0 && !RESERVED_FOLDERS.has(folder);
}

/**
 * Every file of a folder, in sub-folders too. Links are not followed: a link is a file of its own.
 * @param root - of the open uploads folder
 * @param relative - of a folder below it
 * @returns null when it is no folder there, or a link leads to it; then nothing of it is ours to remove
 */
export async function listTree(root: string, relative: string): Promise<FoundFile[] | null> {
  const dir = await ownFolder(root, relative);
  if (dir === null) return null;
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files: FoundFile[] = [];
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const file = path.join(entry.parentPath, entry.name);
    const found = await lstatOrNull(file);
    if (found !== null)
      files.push({ path: path.join(relative, path.relative(dir, file)), bytes: Number(found.size) });
  }
  return files;
}

/**
 * Removes the files of a folder, and the folders that are empty then. Links go, what they lead to stays.
 * @param shouldRemove - false for a file that was put there later: it stays, with its folders
 * @returns what was there and is removed
 */
export async function removeTree(
  root: string,
  relative: string,
  shouldRemove: ShouldRemove = () => true,
): Promise<FoundFile[]> {
  const removed: FoundFile[] = [];
  const named = await ownFolder(root, relative);
  if (named !== null) await makeNamesReadable(named, shouldRemove);
  for (const dir of removalPlaces((await listTree(root, relative)) ?? []))
    removed.push(...(await finishRemovals(root, dir)));
  for (const file of (await listTree(root, relative)) ?? []) {
    if ((await removeFile(root, file.path, shouldRemove)) === 'removed') removed.push(file);
  }
  const dir = await ownFolder(root, relative);
  if (dir !== null) await removeEmptyFolders(dir);
  return removed;
}

async function removeEmptyFolders(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmptyFolders(path.join(dir, entry.name));
  }
  await rmdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
  });
}

/** Folders in which the removal of a file was begun by a process that has died. */
function removalPlaces(files: readonly FoundFile[]): Set<string> {
  const parents = files.map((file) => path.dirname(file.path));
  return new Set(
    parents.filter((dir) => isRemovalFolder(path.basename(dir))).map((dir) => path.dirname(dir)),
  );
}
