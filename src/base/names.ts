import { PLAIN_NAME, PLAIN_NAME_RULE } from './plain-name.ts';

/** The names of a list with commas between them. */
export function splitNames(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** What is wrong with a list of users; null: nothing. */
export function findUserFault(list: string): string | null {
  const wrong = splitNames(list).find((name) => !PLAIN_NAME.test(name));
  if (wrong === undefined) return null;
  return `expected names of users with commas between them, each of ${PLAIN_NAME_RULE}; found ${JSON.stringify(wrong)}`;
}
