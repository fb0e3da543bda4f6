import { TaskError } from './errors.ts';

const NO_FOLDER: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);
const NO_RIGHT: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS']);
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * What the user is told when a new file that the user has named is refused by the system.
 * @param otherFix - for a file that exists, beside another name: such as `remove it`
 * @returns the given error, if it is neither the name nor the folder or disk of the file
 */
export function toNotWritten(error: unknown, file: string, otherFix: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST') return isThere(file, otherFix);
  if (FULL.has(code)) {
    const text = `the disk is full (${code}); free disk space, or give a name on another disk`;
    return new TaskError('E_DISK_FULL', text, { place: { file }, cause: error });
  }
  const why = whyNotThere(code);
  return why === null ? error : new TaskError('E_USAGE', why, { place: { file }, cause: error });
}

/** A file that exists and is not to be replaced. @param otherFix - as for `toNotWritten` */
export function isThere(file: string, otherFix: string): TaskError {
  return new TaskError('E_USAGE', `it exists already; give another name, or ${otherFix}`, {
    place: { file },
  });
}

function whyNotThere(code: string | undefined): string | null {
  if (NO_FOLDER.has(code)) return 'its folder is not there; make it, or give another name';
  if (NO_RIGHT.has(code))
    return `this user may not write into its folder (${code}); give a name in another folder`;
  return null;
}
