import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, lstat, mkdir, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { fileVersion } from '../base/file-version.ts';
import { findOwnFolder } from '../base/inside.ts';

export interface FoundFile {
  /** Relative to the uploads folder. */
  readonly path: string;
  readonly bytes: number;
}

/** Decides from its current state whether a file may be removed. */
export type ShouldRemove = (stats: BigIntStats) => boolean;

/**
 * Start of the name of a folder in which one file is removed. The rest of its name says which file that is: when the
 * process dies, the next process can tell the file that was to go from one that took its place.
 */
const REMOVAL_FOLDER = '.autophon-removed-';
/** A program that replaces the file at each look could keep this loop running for ever. */
const MAX_LOOKS = 3;
/** A newer file is there, or another process has put this one back. */
const IS_DONE: ReadonlySet<string> = new Set(['EEXIST', 'ENOENT']);
const PUT_BACK_CODES: ReadonlySet<string> = new Set([...IS_DONE, 'EPERM', 'ENOTSUP', 'EMLINK']);

/**
 * Removes a file if it is still the right one. It is moved into a folder of its own first, and looked at there: a
 * file that another program puts in its place at the same moment is not the one that is removed.
 * @param root - of the open uploads folder
 * @param relative - of a file below it
 * @returns `absent` when there is no such file, or it lies behind a link
 * @throws system errors; then the file is where it was
 */
export async function removeFile(
  root: string,
  relative: string,
  shouldRemove: ShouldRemove = () => true,
): Promise<'removed' | 'kept' | 'absent'> {
  const dir = await ownFolder(root, path.dirname(relative));
  if (dir === null) return 'absent';
  const name = path.basename(relative);
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const found = await lstatOrNull(path.join(dir, name));
    if (found === null) return 'absent';
    if (found.isDirectory()) throw new TaskError('E_IO', `${relative}: expected a file, found a folder`);
    if (!shouldRemove(found)) return 'kept';
    const removal = path.join(dir, removalFolder(name, found));
    try {
      await beginRemoval(path.join(dir, name), path.join(removal, name));
      if ((await finishRemoval(removal)).length > 0) return 'removed';
    } finally {
      await rmdir(removal).catch(() => undefined);
    }
  }
  return 'kept';
}

/**
 * Moves a file into the folder in which it is removed.
 * @param to - its place there: `removalFolder`, and its name
 */
export async function beginRemoval(from: string | Buffer, to: string): Promise<void> {
  await mkdir(path.dirname(to), { mode: 0o700 }).catch(ignoring('EEXIST'));
  // Another process may have ended the removal: the next look-up shows it.
  await rename(from, to).catch(ignoring('ENOENT'));
}

/**
 * Ends the removals in a folder whose process has died: the file that was to go is removed, any other goes back to its
 * place.
 * @param relative - of a folder below `root`
 * @returns what is removed, by its former path
 */
export async function finishRemovals(root: string, relative: string): Promise<FoundFile[]> {
  const dir = await ownFolder(root, relative);
  const removed: FoundFile[] = [];
  for (const entry of dir === null ? [] : await readdir(dir, { withFileTypes: true })) {
    if (!entry.isDirectory() || !isRemovalFolder(entry.name)) continue;
    const removal = path.join(entry.parentPath, entry.name);
    for (const { name, bytes } of await finishRemoval(removal))
      removed.push({ path: path.join(relative, name), bytes });
    await rmdir(removal).catch(() => undefined);
  }
  return removed;
}

export function isRemovalFolder(name: string): boolean {
  return name.startsWith(REMOVAL_FOLDER);
}

/** Moving a file changes its ctime, and nothing that is counted here. */
export function removalFolder(name: string, stats: BigIntStats): string {
  const file = `${stats.ino} ${fileVersion(stats)} ${name}`;
  return REMOVAL_FOLDER + createHash('sha256').update(file).digest('hex').slice(0, 32);
}

async function finishRemoval(removal: string): Promise<{ name: string; bytes: number }[]> {
  const removed: { name: string; bytes: number }[] = [];
  for (const name of (await readdir(removal).catch(ignoring('ENOENT'))) ?? []) {
    const file = path.join(removal, name);
    const place = path.join(path.dirname(removal), name);
    const found = await lstatOrNull(file);
    if (found === null) continue;
    if (found.isDirectory() || removalFolder(name, found) !== path.basename(removal)) {
      await putBack(file, place, found);
      continue;
    }
    try {
      await unlink(file);
      removed.push({ name, bytes: Number(found.size) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      await putBack(file, place, found).catch(() => undefined);
      throw error;
    }
  }
  return removed;
}

/** Where there is a still newer file by now, this one was replaced by the same program. */
async function putBack(file: string, place: string, found: BigIntStats): Promise<void> {
  if (found.isDirectory()) {
    await rename(file, place).catch(ignoring('ENOENT', 'ENOTEMPTY', 'ENOTDIR'));
    return;
  }
  try {
    await link(file, place);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!PUT_BACK_CODES.has(code)) throw error;
    // No link may be made to a file of another user, and none at all on some file systems: it is moved.
    if (!IS_DONE.has(code) && (await lstatOrNull(place)) === null) {
      await rename(file, place).catch(ignoring('ENOENT'));
      return;
    }
  }
  await unlink(file).catch(ignoring('ENOENT'));
}

/** Null also where a link leads there: the uploads folder may be reached by one, below it a link may be an attack. */
export async function ownFolder(root: string, relative: string): Promise<string | null> {
  try {
    return await findOwnFolder(root, relative);
  } catch (error) {
    if (error instanceof TaskError) return null;
    throw error;
  }
}

/** One plain file, if it lies in folders of its own. @returns null when there is none */
export async function findFile(root: string, relative: string): Promise<FoundFile | null> {
  const dir = await ownFolder(root, path.dirname(relative));
  const found = dir === null ? null : await lstatOrNull(path.join(dir, path.basename(relative)));
  return found?.isFile() ? { path: relative, bytes: Number(found.size) } : null;
}

export async function lstatOrNull(file: string): Promise<BigIntStats | null> {
  return (await lstat(file, { bigint: true }).catch(ignoring('ENOENT', 'ENOTDIR'))) ?? null;
}

function ignoring(...codes: string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
  };
}
