const NO_FOLDER: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);
const NO_RIGHT: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM', 'EROFS']);

/**
 * Why the system refused a new file that a user has named, and the fix.
 * @returns null: for another reason than its folder
 */
export function whyNotWritten(error: unknown): string | null {
  const { code } = error as NodeJS.ErrnoException;
  if (NO_FOLDER.has(code)) return 'its folder is not there; make it, or give another name';
  if (NO_RIGHT.has(code))
    return `this user may not write into its folder (${code}); give a name in another folder`;
  return null;
}
