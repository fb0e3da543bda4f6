import { lstat, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from './errors.ts';

/**
 * The real path of something that must lie inside a folder, links followed.
 * @param relative - as a row or a user names it; absolute paths and `..` are refused
 * @returns null when there is nothing at that path
 * @throws TaskError E_PATH_OUTSIDE when it leads out of `rootDir`
 */
export async function resolveInside(rootDir: string, relative: string): Promise<string | null> {
  const root = await realpath(rootDir);
  const wanted = path.resolve(root, relative);
  if (path.isAbsolute(relative) || relative.includes('\0') || !isInside(root, wanted))
    throw outside(relative);
  let real: string;
  try {
    real = await realpath(wanted);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw error;
  }
  if (!isInside(root, real)) throw outside(relative);
  return real;
}

/**
 * The folder at a path below another, where each level is a folder of its own. For what is written or removed there: a
 * link would put it into somebody else's.
 * @param relative - plain names with `/` between them
 * @returns null when there is nothing at that path
 * @throws TaskError E_PATH_OUTSIDE at the first level that is a link, or no folder
 */
export function findOwnFolder(rootDir: string, relative: string): Promise<string | null> {
  return descend(rootDir, relative, async () => undefined);
}

/**
 * The same, and makes what is missing, one level after the other: made all at once, folders would be made behind a
 * link before anybody looks at it.
 * @throws TaskError E_PATH_OUTSIDE; system errors
 */
export async function makeOwnFolder(rootDir: string, relative: string): Promise<string> {
  const made = await descend(rootDir, relative, (dir) =>
    mkdir(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    }),
  );
  if (made === null) throw new TaskError('E_IO', `${relative}: gone while it was made`);
  return made;
}

async function descend(
  rootDir: string,
  relative: string,
  before: (dir: string) => Promise<unknown>,
): Promise<string | null> {
  let dir = await realpath(rootDir);
  for (const name of relative.split('/')) {
    if (name === '' || name === '.' || name === '..' || name.includes('\0')) throw outside(relative);
    dir = path.join(dir, name);
    await before(dir);
    const found = await lstat(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (found === null) return null;
    if (!found.isDirectory()) throw notAFolder(relative, name);
  }
  return dir;
}

/** Whether a path lies strictly below a folder. Both absolute; links are not followed. */
export function isInside(rootDir: string, candidate: string): boolean {
  const relative = path.relative(rootDir, candidate);
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

function notAFolder(relative: string, name: string): TaskError {
  return new TaskError(
    'E_PATH_OUTSIDE',
    `${JSON.stringify(relative)}: expected folders, found a link or a file called ${JSON.stringify(name)}; remove it`,
  );
}

function outside(relative: string): TaskError {
  return new TaskError(
    'E_PATH_OUTSIDE',
    `${JSON.stringify(relative)} leads out of the uploads folder: expected a relative path below it, without links that lead elsewhere`,
  );
}
