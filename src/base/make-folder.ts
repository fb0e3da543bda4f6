import { mkdirSync, statSync } from 'node:fs';
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { TaskError } from './errors.ts';
import { makeOwnerMark, OWNER_FILE, ownerState } from './owner-proof.ts';

/** Errors of the system that the operator can fix: no right, a read-only file system, no such folder, or no folder. */
const REFUSED: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

/** Names that `inTemporaryDir` gives. */
const TEMPORARY = /^(?:autophon|mfa)-[a-z]+-[A-Za-z0-9]{6}$/;

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
    // What a killed process leaves can be told from what is in use.
    await writeFile(path.join(dir, OWNER_FILE), await makeOwnerMark(), { mode: 0o600 });
    const place = path.join(dir, 'work');
    await mkdir(place, 0o700);
    // The mode of `place` alone decides who may enter: `work` may open it to another user.
    await chmod(dir, 0o711);
    return await work(place);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Removes what processes of this user that were killed have left there, as they may hold recordings and transcripts. What
 * cannot be removed stays until the next time.
 * @returns how many folders
 */
export async function removeAbandonedDirs(): Promise<number> {
  const all = os.tmpdir();
  let removed = 0;
  for (const name of await readdir(all).catch(() => [])) {
    const dir = path.join(all, name);
    if (!TEMPORARY.test(name) || !(await isOwnFolder(dir)) || (await ownerState(dir)) !== 'dead') continue;
    const isRemoved = await rm(dir, { recursive: true, force: true }).then(
      () => true,
      () => false,
    );
    if (isRemoved) removed++;
  }
  return removed;
}

/** Every user may make links and folders there. */
async function isOwnFolder(dir: string): Promise<boolean> {
  const found = await lstat(dir).catch(() => null);
  return found?.isDirectory() === true && found.uid === process.getuid?.();
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
