const MISSING: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR']);
const NO_RIGHT: ReadonlySet<unknown> = new Set(['EACCES', 'EPERM']);

/**
 * What the user is told when the system does not find a path that the user has named.
 * @param what - it may be, such as `file`
 */
export function whyNotFound(error: unknown, what: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (MISSING.has(code)) return `no such ${what}`;
  if (NO_RIGHT.has(code))
    return `this user may not look into its folder, or into one above it (${code}); change its rights, or name a copy`;
  return `it cannot be found (${code})`;
}
