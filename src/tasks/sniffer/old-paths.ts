import { TaskError } from '../../base/errors.ts';

/** Folders of a user, in which the older worker kept inputs, results and dictionaries. */
const FOLDERS: ReadonlySet<string> = new Set(['upl', 'otp', 'dic', 'held']);

/**
 * The path of something of a user below the older worker's UPLOADS. A path in its table may begin with that folder as it was
 * called on its machine; what follows the user's name counts.
 * @returns beginning with the user's name
 * @throws TaskError E_PATH_OUTSIDE for a path that is not in the user's folder
 */
export function pathOfUser(given: string, user: string): string {
  const parts = given.split('/').filter((part) => part !== '' && part !== '.');
  const from = parts.findIndex(
    (part, index) => part === user && (index === 0 || FOLDERS.has(parts[index + 1] ?? '')),
  );
  const own = parts.slice(from);
  if (from < 0 || own.length < 2 || own.includes('..')) {
    const expected = `expected a path in the folder of user ${user}, such as ${user}/upl/...`;
    throw new TaskError('E_PATH_OUTSIDE', `${JSON.stringify(given)}: ${expected}`);
  }
  return own.join('/');
}
