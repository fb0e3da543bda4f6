import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, realpath, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { runCommand, type ServerUser } from './command.ts';

/** Where data go when the server's user cannot reach the place asked for. /var/tmp comes last: some systems clean it. */
export const REFUGES: readonly string[] = ['/var/lib', '/var/tmp'];

/** The one name of a directory, however it was reached: relative, through links, not there yet. */
export async function canonical(dir: string): Promise<string> {
  const absolute = path.resolve(dir);
  const parent = path.dirname(absolute);
  if (parent === absolute) return absolute;
  return path.join(await realpath(parent).catch(() => canonical(parent)), path.basename(absolute));
}

/**
 * Where the data of a server are, or will be: the directory asked for, or the other place chosen for it earlier.
 * @param requestedDir - canonical
 */
export async function findDataDir(requestedDir: string): Promise<string> {
  const remembered = await readFile(pointerPath(requestedDir), 'utf8').catch(() => '');
  return remembered.trim() === '' ? requestedDir : remembered.trim();
}

/**
 * Chooses where the data go, makes the folder above, and remembers a place other than the one asked for.
 * The choice is made by trying, as the user, not by reading permission bits.
 * @param requestedDir - canonical
 * @param user - who must reach it; null: we ourselves
 * @throws TaskError E_CONFIG when there is no such place
 */
export async function chooseDataDir(
  requestedDir: string,
  user: ServerUser | null,
  refuges: readonly string[],
  log: (line: string) => void,
): Promise<string> {
  await makeFolder(path.dirname(requestedDir));
  const chosenEarlier = await findDataDir(requestedDir);
  if (chosenEarlier !== requestedDir && (await exists(path.dirname(chosenEarlier)))) return chosenEarlier;
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
  const refuge = await makeRefuge(requestedDir, user, refuges);
  await writeFile(pointerPath(requestedDir), `${refuge}\n`);
  log(
    `user ${user.name}, who runs Postgres for root, cannot enter ${closedFolder}: the database goes to ${refuge}`,
  );
  return refuge;
}

async function makeRefuge(dataDir: string, user: ServerUser, refuges: readonly string[]): Promise<string> {
  const name = `autophon-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  for (const parent of refuges) {
    const folder = path.join(parent, name);
    if (!(await makeOwnFolder(folder))) continue;
    if ((await findClosedFolder(folder, user)) === null) return path.join(folder, path.basename(dataDir));
    await rmdir(folder).catch(() => undefined);
  }
  throw new TaskError(
    'E_CONFIG',
    `no place for the database: user ${user.name}, who runs Postgres for root, can reach neither ${dataDir} nor a folder in ` +
      `${refuges.join(' or ')}. Put the project into a folder that others may enter, such as /srv, or set DATABASE_URL.`,
  );
}

async function makeOwnFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    // Anybody may write in /var/tmp: a folder that somebody else put there under our name is not ours to use.
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    await chmod(folder, 0o755);
    return true;
  } catch {
    return false;
  }
}

/** @returns the outermost folder that the user may not enter; null: the way is open */
async function findClosedFolder(folder: string, user: ServerUser): Promise<string | null> {
  if (await canEnter(folder, user)) return null;
  const parent = path.dirname(folder);
  return (parent === folder ? null : await findClosedFolder(parent, user)) ?? folder;
}

async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  return (await runCommand('test', ['-x', folder], user)).exitCode === 0;
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOSPC') throw error;
    throw new TaskError('E_CONFIG', `cannot make the folder of the database: ${error.message}`, {
      cause: error,
    });
  });
}

function pointerPath(dataDir: string): string {
  return `${dataDir}.place`;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}
