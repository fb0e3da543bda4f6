import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { findOwnFolder } from '../base/inside.ts';

export interface FoundFile {
  /** Relative to the uploads folder. */
  readonly path: string;
  readonly bytes: number;
}

/** Folders of a user that are no task's, whatever a row says. */
const NOT_OF_TASKS = new Set(['dic', 'otp']);

/** Whether a path of a row can be the folder of one task: `<user>/<folder>/<task>` or deeper, written plainly. */
export function isTaskFolder(taskPath: string, userUuid: string): boolean {
  const [owner, folder = '', ...rest] = taskPath.split('/');
  const isPlain =
    path.posix.normalize(taskPath) === taskPath && !taskPath.endsWith('/') && !taskPath.includes('\0');
  return isPlain && owner === userUuid && rest.length > 0 && !NOT_OF_TASKS.has(folder);
}

/**
 * Every file of a folder, in sub-folders too. Links are not followed: a link is a file of its own.
 * @param relative - of a folder below the uploads folder
 * @returns null when it is no folder there, or a link leads to it; then nothing of it is ours to remove
 */
export async function listTree(uploadsDir: string, relative: string): Promise<FoundFile[] | null> {
  const dir = await realFolder(uploadsDir, relative);
  if (dir === null) return null;
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files: FoundFile[] = [];
  for (const entry of entries.filter((one) => !one.isDirectory())) {
    const file = path.join(entry.parentPath, entry.name);
    files.push({ path: path.join(relative, path.relative(dir, file)), bytes: (await lstat(file)).size });
  }
  return files;
}

/** Removes a folder with all that is in it, and says what that was; links go, what they lead to stays. */
export async function removeTree(uploadsDir: string, relative: string): Promise<FoundFile[] | null> {
  const files = await listTree(uploadsDir, relative);
  const dir = await realFolder(uploadsDir, relative);
  if (files === null || dir === null) return null;
  await removeFolder(dir);
  return files;
}

async function removeFolder(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const child = path.join(dir, entry.name);
    if (entry.isDirectory()) await removeFolder(child);
    else await unlink(child);
  }
  await rmdir(dir);
}

/** Null also where a link leads there: the uploads folder may be reached by one, below it a link is somebody's trick. */
function realFolder(uploadsDir: string, relative: string): Promise<string | null> {
  return findOwnFolder(uploadsDir, relative).catch(() => null);
}
