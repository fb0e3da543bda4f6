import { lstat, mkdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from './errors.ts';

/** A path with more links is taken for a loop. */
const MAX_LINKS = 40;

/**
 * The path of something that must lie inside a folder, with all links below that folder followed.
 *
 * The folder itself is not resolved: it may be the path of an open directory (`/proc/self/fd/N`), which stays the same
 * folder when another file system is mounted over its name.
 * @param relative - as a row or a user names it; an absolute path is refused, and one that leads out by `..`
 * @returns `rootDir` with a path below it that has no links; null when there is nothing at that path
 * @throws TaskError E_PATH_OUTSIDE when it leads out of `rootDir`
 */
export async function resolveInside(rootDir: string, relative: string): Promise<string | null> {
  if (path.isAbsolute(relative) || relative.includes('\0') || !isInside('/r', path.join('/r', relative)))
    throw outside(relative);
  const left = relative.split('/').reverse();
  let found: string[] = [];
  let links = 0;
  while (left.length > 0) {
    const name = left.pop() as string;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (found.pop() === undefined) throw outside(relative);
      continue;
    }
    const here = path.join(rootDir, ...found, name);
    const target = await readLink(here);
    if (target === null) return null;
    if (target === undefined) {
      found.push(name);
      continue;
    }
    const way = path.isAbsolute(target) ? await belowRealRoot(rootDir, here) : target;
    if (++links > MAX_LINKS || way === null) throw outside(relative);
    if (path.isAbsolute(target)) found = [];
    left.push(...way.split('/').reverse());
  }
  if (found.length === 0) throw outside(relative);
  return path.join(rootDir, ...found);
}

/** @returns where a link leads; undefined when it is not a link; null when it does not exist */
async function readLink(filePath: string): Promise<string | null | undefined> {
  try {
    return (await lstat(filePath)).isSymbolicLink() ? await readlink(filePath) : undefined;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null;
    throw error;
  }
}

/** Where an absolute link leads, relative to the folder; null when it leads out of it, or nowhere. */
async function belowRealRoot(rootDir: string, link: string): Promise<string | null> {
  const [root, real] = await Promise.all([realpath(rootDir), realpath(link).catch(() => null)]);
  return real !== null && isInside(root, real) ? path.relative(root, real) : null;
}

/**
 * The folder at a path below another, where each level is a folder of its own. For what is written or removed there: a
 * link would put it into the folder of another user.
 * @param relative - plain names with `/` between them
 * @returns null when there is nothing at that path
 * @throws TaskError E_PATH_OUTSIDE at the first level that is a link, or no folder
 */
export function findOwnFolder(rootDir: string, relative: string): Promise<string | null> {
  return descend(rootDir, relative, async () => undefined);
}

/**
 * The same, and makes what is missing, level by level: `mkdir -p` would make folders behind a link before the link is
 * found.
 * @throws TaskError E_PATH_OUTSIDE; system errors
 */
export async function makeOwnFolder(rootDir: string, relative: string): Promise<string> {
  const made = await descend(rootDir, relative, (dir) =>
    mkdir(dir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    }),
  );
  if (made === null) throw new TaskError('E_IO', `${relative}: the folder was removed while it was made`);
  return made;
}

async function descend(
  rootDir: string,
  relative: string,
  before: (dir: string) => Promise<unknown>,
): Promise<string | null> {
  let dir = rootDir;
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
