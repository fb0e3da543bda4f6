import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { runCommand, type ServerUser } from './command.ts';

/** Where a fallback folder is made, in order of preference. /var/tmp is last, since some systems delete old files there. */
export const FALLBACK_PARENTS: readonly string[] = ['/var/lib', '/var/tmp'];

/** File in a fallback folder with the path of the data directory that it replaces. @internal */
export const FALLBACK_MARK = 'belongs-to';

/**
 * Makes a folder outside the project, in place of a data directory that the server's user cannot reach.
 * @returns the path of the data directory in it
 * @throws TaskError E_CONFIG when the user can reach none of `fallbackParents`
 */
export async function makeFallbackDir(
  dataDir: string,
  user: ServerUser,
  fallbackParents: readonly string[],
): Promise<string> {
  const name = `autophon-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  for (const parent of fallbackParents) {
    const folder = path.join(parent, name);
    if (!(await makeOwnFolder(folder))) continue;
    if ((await findClosedFolder(folder, user)) === null) return path.join(folder, path.basename(dataDir));
    await rmdir(folder).catch(() => undefined);
  }
  throw new TaskError(
    'E_CONFIG',
    `no place for the database: user ${user.name}, who runs Postgres for root, can reach neither ${dataDir} nor a folder in ` +
      `${fallbackParents.join(' or ')}. Put the project into a folder that others may enter, such as /srv, or set DATABASE_URL.`,
  );
}

async function makeOwnFolder(folder: string): Promise<boolean> {
  try {
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    // Any user may write in /var/tmp: a folder that another user made under our name must not be used.
    const found = await lstat(folder);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    await chmod(folder, 0o755);
    return true;
  } catch {
    return false;
  }
}

/** Writes which data directory a fallback folder replaces. `make clean` needs it when the project was deleted. */
export async function noteOwner(dataDir: string, requestedDir: string): Promise<void> {
  await writeFile(path.join(path.dirname(dataDir), FALLBACK_MARK), `${requestedDir}\n`);
}

/** @returns the outermost folder on the path that the user may not enter; null: the user can reach `folder` */
export async function findClosedFolder(folder: string, user: ServerUser): Promise<string | null> {
  if (await canEnter(folder, user)) return null;
  const parent = path.dirname(folder);
  return (parent === folder ? null : await findClosedFolder(parent, user)) ?? folder;
}

async function canEnter(folder: string, user: ServerUser): Promise<boolean> {
  return (await runCommand('test', ['-x', folder], user)).exitCode === 0;
}
