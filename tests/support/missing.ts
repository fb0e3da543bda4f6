import assert from 'node:assert/strict';
import { TaskError } from '../../src/base/errors.ts';

/** Expects an error of the program that says what is missing, in these words. */
export function assertMissing(work: () => unknown, what: string): void {
  assert.throws(
    work,
    (error) =>
      error instanceof TaskError &&
      error.code === 'E_INTERNAL' &&
      error.message === `missing: ${what}; a fault of the program, not of the input`,
  );
}
