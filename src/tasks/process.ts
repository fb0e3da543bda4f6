import { TaskError } from '../base/errors.ts';
import { findTask, type TaskRow } from '../db/tasks.ts';
import { runAttempt } from '../worker/attempt.ts';
import { type Claim, type ClaimContext, claimTask, type Waiting } from '../worker/claim.ts';
import type { AttemptContext } from '../worker/context.ts';
import type { Fate } from '../worker/outcome.ts';

/**
 * Runs one given task in this process, by the same rules as a slot: same claim, same fence, same lease.
 * @param waiting - called while another session holds the row
 * @throws TaskError E_USAGE when the task does not wait for a worker
 */
export async function processTask(
  taskId: string,
  context: ClaimContext & AttemptContext,
  waiting: Waiting,
): Promise<Fate['kind'] | 'alone'> {
  const task = await findTask(context.db, taskId);
  if (task === undefined) throw new TaskError('E_USAGE', `no task ${taskId}`);
  const claim = await claimAnyJob(task, context, waiting);
  if (claim === null) {
    const now = await findTask(context.db, taskId);
    throw new TaskError(
      'E_USAGE',
      `task ${taskId} does not wait for a worker: it is ${now?.task_status}; ${describeFix(now?.task_status)}`,
    );
  }
  return runAttempt(claim, context);
}

/** While this waited for the row, the task may have been cancelled and retried: then it has another job. */
async function claimAnyJob(task: TaskRow, context: ClaimContext, waiting: Waiting): Promise<Claim | null> {
  let jobId = task.job_id;
  while (jobId !== null) {
    const claim = await claimTask(context, jobId, waiting);
    if (claim !== null) return claim;
    const now = await findTask(context.db, task.task_id);
    if (now === undefined || now.job_id === jobId) return null;
    jobId = now.job_id;
  }
  return null;
}

function describeFix(status: string | undefined): string {
  switch (status) {
    case 'failed':
    case 'cancelled':
      return 'queue it again with "autophon retry" first';
    case 'processing':
      return 'another instance has it; see "autophon show"';
    case 'uploading':
      return 'its files are still being copied';
    default:
      return 'there is nothing to do';
  }
}
