import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, lstat, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { fileVersion } from '../base/file-version.ts';
import { findOwnFolder } from '../base/inside.ts';
import { makeNamesReadable } from './readable-names.ts';

export interface FoundFile {
  /** Relative to the uploads folder. */
  readonly path: string;
  readonly bytes: number;
}

/** Decides whether a file is the one that is to go, by what it is now. */
export type IsToGo = (stats: BigIntStats) => boolean;

/** Folders of a user that are no task's, whatever a row says. */
const NOT_OF_TASKS = new Set(['dic', 'otp']);
/** Name of a file that is being removed. One that is left was meant to go when the process died. */
const LEAVING = '.autophon-removed-';

/** Whether a path of a row can be the folder of one task: `<user>/<folder>/<task>` or deeper, written plainly. */
export function isTaskFolder(taskPath: string, userUuid: string): boolean {
  const [owner, folder = '', ...rest] = taskPath.split('/');
  const isPlain =
    path.posix.normalize(taskPath) === taskPath && !taskPath.endsWith('/') && !taskPath.includes('\0');
  return isPlain && owner === userUuid && rest.length > 0 && !NOT_OF_TASKS.has(folder);
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
 * @param isToGo - false for a file that was put there later: it stays, with its folders
 * @returns what was there and is removed
 */
export async function removeTree(
  root: string,
  relative: string,
  isToGo: IsToGo = () => true,
): Promise<FoundFile[]> {
  const removed: FoundFile[] = [];
  const named = await ownFolder(root, relative);
  if (named !== null) await makeNamesReadable(named, isToGo);
  for (const file of (await listTree(root, relative)) ?? []) {
    if ((await removeFile(root, file.path, isToGo)) === 'removed') removed.push(file);
  }
  const dir = await ownFolder(root, relative);
  if (dir !== null) await removeEmptyFolders(dir);
  return removed;
}

/**
 * Removes a file if it is still the one that is to go. It is moved aside first, and looked at there: a file that
 * somebody puts in its place at the same moment is not the one that is removed.
 * @returns `absent` when there is no such file, or it lies behind a link
 * @throws system errors; then the file is where it was
 */
export async function removeFile(
  root: string,
  relative: string,
  isToGo: IsToGo = () => true,
): Promise<'removed' | 'kept' | 'absent'> {
  const dir = await ownFolder(root, path.dirname(relative));
  if (dir === null) return 'absent';
  const file = path.join(dir, path.basename(relative));
  const aside = path.join(dir, asideName(path.basename(relative)));
  // One that was left there was meant to go when its process died.
  const hadLeftOver = await unlinkIfThere(aside);
  const found = await lstatOrNull(file);
  if (found === null) return hadLeftOver ? 'removed' : 'absent';
  if (path.basename(file).startsWith(LEAVING)) return (await unlinkIfThere(file)) ? 'removed' : 'absent';
  if (!isToGo(found)) return 'kept';
  if (found.isDirectory()) throw new TaskError('E_IO', `${relative}: expected a file, found a folder`);
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent';
    throw error;
  }
  const taken = await lstat(aside, { bigint: true });
  // Moving a file changes its ctime: what was looked at before is known by number, size and mtime.
  const isSame = taken.ino === found.ino && fileVersion(taken) === fileVersion(found);
  const isRight = !taken.isDirectory() && (isSame || isToGo(taken));
  try {
    if (!isRight) await putBack(aside, file);
    else await unlink(aside);
  } catch (error) {
    await putBack(aside, file).catch(() => undefined);
    throw error;
  }
  return isRight ? 'removed' : 'kept';
}

function asideName(name: string): string {
  return LEAVING + createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** Where there is a still newer file by now, this one was replaced by whoever put both there. */
async function putBack(aside: string, file: string): Promise<void> {
  await link(aside, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(aside);
}

async function unlinkIfThere(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** One plain file, if it lies in folders of its own. @returns null when there is none */
export async function findFile(root: string, relative: string): Promise<FoundFile | null> {
  const dir = await ownFolder(root, path.dirname(relative));
  const found = dir === null ? null : await lstatOrNull(path.join(dir, path.basename(relative)));
  return found?.isFile() ? { path: relative, bytes: Number(found.size) } : null;
}

async function removeEmptyFolders(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmptyFolders(path.join(dir, entry.name));
  }
  await rmdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
  });
}

/** Null also where a link leads there: the uploads folder may be reached by one, below it a link is somebody's trick. */
export async function ownFolder(root: string, relative: string): Promise<string | null> {
  try {
    return await findOwnFolder(root, relative);
  } catch (error) {
    if (error instanceof TaskError) return null;
    throw error;
  }
}

async function lstatOrNull(file: string): Promise<BigIntStats | null> {
  try {
    return await lstat(file, { bigint: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
