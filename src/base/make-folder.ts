import { mkdirSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TaskError } from './errors.ts';

/** Errors of the system that the operator can fix: no right, a read-only file system, no such folder, or no folder. */
const REFUSED: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

/**
 * Makes a folder that a setting names, and the missing ones above it. Node's own `recursive` never ends below /proc, where
 * the system says of each new folder that the folder above is missing.
 * @param mode - of folders that are made
 * @throws the error of the system
 */
export function makeFolder(dir: string, mode = 0o777): void {
  try {
    makeOne(dir, mode);
  } catch (error) {
    const parent = path.dirname(dir);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || isFolder(parent)) throw error;
    makeFolder(parent, mode);
    makeOne(dir, mode);
  }
}

function makeOne(dir: string, mode: number): void {
  try {
    mkdirSync(dir, { mode });
  } catch (error) {
    if (!isFolder(dir)) throw error;
  }
}

function isFolder(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Works with an empty folder in the system's folder for temporary files (`TMPDIR`, without it `/tmp`), which is removed
 * afterwards with all that is in it.
 * @param prefix - how its name begins
 * @throws TaskError E_CONFIG when it cannot be made there; what `work` throws
 */
export async function inTemporaryDir<T>(prefix: string, work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await makeTemporaryDir(prefix);
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function makeTemporaryDir(prefix: string): Promise<string> {
  return mkdtemp(path.join(os.tmpdir(), prefix)).catch((error: NodeJS.ErrnoException) => {
    if (!REFUSED.has(error.code)) throw error;
    throw new TaskError(
      'E_CONFIG',
      `TMPDIR=${os.tmpdir()}: no folder can be made there (${error.code}). Let this user write there, or set TMPDIR to another folder.`,
      { cause: error },
    );
  });
}
