import { TaskError } from './errors.ts';

/**
 * A value that is missing only if the program itself is wrong. The error names it, where a default value would give a wrong
 * result. Not for values that a user, a file or another program may leave out.
 * @param what - the value in words, without any text of a user
 * @throws TaskError E_INTERNAL naming what is missing
 */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined)
    throw new TaskError('E_INTERNAL', `missing: ${what}; a fault of the program, not of the input`);
  return value;
}
