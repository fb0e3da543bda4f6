import { TaskError } from '../base/errors.ts';
import { findTask } from '../db/tasks.ts';
import { runAttempt } from '../worker/attempt.ts';
import { claimTask } from '../worker/claim.ts';
import type { WorkerContext } from '../worker/context.ts';
import type { Fate } from '../worker/outcome.ts';

/**
 * Runs one certain task here and now, by the same rules as any slot: same claim, same fence, same lease.
 * @throws TaskError E_USAGE when the task does not wait for a worker
 */
export async function processTask(
  taskId: string,
  context: WorkerContext,
  signal: AbortSignal,
): Promise<Fate['kind'] | 'alone'> {
  const task = await findTask(context.db, taskId);
  if (task === undefined) throw new TaskError('E_USAGE', `no task ${taskId}`);
  const claim = task.job_id === null ? null : await claimTask(context, task.job_id, signal);
  if (claim === null) {
    const now = await findTask(context.db, taskId);
    throw new TaskError(
      'E_USAGE',
      `task ${taskId} does not wait for a worker: it is ${now?.task_status}; ${mend(now?.task_status)}`,
    );
  }
  return runAttempt(claim, context);
}

function mend(status: string | undefined): string {
  switch (status) {
    case 'failed':
    case 'cancelled':
      return 'queue it anew with "autophon retry" first';
    case 'processing':
      return 'another instance has it; see "autophon show"';
    case 'uploading':
      return 'its files are still being copied';
    default:
      return 'there is nothing to do';
  }
}
