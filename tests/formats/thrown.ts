import assert from 'node:assert/strict';
import { TaskError } from '../../src/base/errors.ts';

/** The TaskError that a call throws; fails when it returns or throws anything else. */
export function thrownBy(run: () => unknown): TaskError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof TaskError, `expected a TaskError, found ${String(error)}`);
    return error;
  }
  return assert.fail('expected a TaskError, found none');
}

/** Like `thrownBy`, for a promise. */
export async function rejectionOf(promise: Promise<unknown>): Promise<TaskError> {
  const [outcome] = await Promise.allSettled([promise]);
  return thrownBy(() => {
    if (outcome?.status === 'rejected') throw outcome.reason;
  });
}
