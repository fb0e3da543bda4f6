import { TaskError } from './errors.ts';

/**
 * A value that is missing only if the program itself is wrong: the fault names it, instead of a stand-in that makes the work
 * wrong. What a user, a file or another program leaves out is not for this.
 * @param what - the value in words, without any text of a user
 * @throws TaskError E_INTERNAL naming what is missing
 */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined)
    throw new TaskError('E_INTERNAL', `missing: ${what}; a fault of the program, not of the input`);
  return value;
}
