import { access, constants, readFile, realpath, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { makeFolder } from '../../base/make-folder.ts';
import type { ServerUser } from './command.ts';
import { findClosedFolder, makeFallbackDir, noteOwner } from './fallback-dir.ts';

/** The absolute path of a directory, without links in its parents. The directory need not exist. */
export async function canonical(dir: string): Promise<string> {
  const absolute = path.resolve(dir);
  const parent = path.dirname(absolute);
  if (parent === absolute) return absolute;
  return path.join(await realpath(parent).catch(() => canonical(parent)), path.basename(absolute));
}

/**
 * Where the data of a server are, or will be: `requestedDir`, or the fallback folder that was chosen for it earlier.
 * @param requestedDir - canonical
 */
export async function findDataDir(requestedDir: string): Promise<string> {
  const remembered = await readFile(pointerPath(requestedDir), 'utf8').catch(() => '');
  return remembered.trim() === '' ? requestedDir : remembered.trim();
}

/**
 * Chooses the data directory and makes its parent folder. If it is a fallback folder, a file beside `requestedDir` names it.
 * Whether a user can reach a folder is tried as that user: permission bits do not tell everything.
 * @param requestedDir - canonical
 * @param user - who must reach it; null: the user who runs this process
 * @throws TaskError E_CONFIG when the user can reach no such folder
 */
export async function chooseDataDir(
  requestedDir: string,
  user: ServerUser | null,
  fallbackParents: readonly string[],
  log: (line: string) => void,
): Promise<string> {
  await makeOwnFolder(path.dirname(requestedDir));
  const chosenEarlier = await findDataDir(requestedDir);
  if (chosenEarlier !== requestedDir && (await exists(path.dirname(chosenEarlier)))) {
    // The checkout may have been moved since. The database works even if the new path cannot be written.
    await noteOwner(chosenEarlier, requestedDir).catch(() => undefined);
    return chosenEarlier;
  }
  if (user === null) return requestedDir;
  const closedFolder = await findClosedFolder(path.dirname(requestedDir), user);
  if (closedFolder === null) return requestedDir;
  if (await exists(path.join(requestedDir, 'PG_VERSION'))) {
    throw new TaskError(
      'E_CONFIG',
      `user ${user.name}, who runs Postgres for root, cannot reach the database in ${requestedDir}: ${closedFolder} is closed to others. ` +
        `Open it (chmod o+x ${closedFolder}) or move the project to another folder.`,
    );
  }
  const fallbackDir = await makeFallbackDir(requestedDir, user, fallbackParents);
  await noteOwner(fallbackDir, requestedDir);
  await writeFile(pointerPath(requestedDir), `${fallbackDir}\n`);
  log(
    `user ${user.name}, who runs Postgres for root, cannot enter ${closedFolder}: the database goes to ${fallbackDir}, ` +
      'outside the project ("make clean" offers to remove it)',
  );
  return fallbackDir;
}

async function makeOwnFolder(folder: string): Promise<void> {
  try {
    makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw cause;
    throw new TaskError(
      'E_CONFIG',
      `cannot write in the folder of the database: ${message}. Set DATA_DIR to a folder that this user may write, ` +
        'or DATABASE_URL to a server.',
      { cause },
    );
  }
}

/** The file that names the fallback folder. @internal */
export function pointerPath(dataDir: string): string {
  return `${dataDir}.place`;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
