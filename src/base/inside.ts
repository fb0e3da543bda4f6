import { realpath } from 'node:fs/promises';
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

/** Whether a path lies strictly below a folder. Both absolute; links are not followed. */
export function isInside(rootDir: string, candidate: string): boolean {
  const relative = path.relative(rootDir, candidate);
  return relative !== '' && relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative);
}

function outside(relative: string): TaskError {
  return new TaskError(
    'E_PATH_OUTSIDE',
    `${JSON.stringify(relative)} leads out of the uploads folder: expected a relative path below it, without links that lead elsewhere`,
  );
}
