import { TaskError } from '../base/errors.ts';
import { recountCrashes } from '../db/attempts.ts';
import { noteDeaths } from '../db/instances.ts';
import { attemptLogName } from './attempt-log.ts';
import type { Claim } from './claim.ts';
import type { WorkerContext } from './context.ts';
import type { Fate } from './outcome.ts';

/**
 * How often a worker has died in a claimed task. A task that was taken over from an instance of this machine is looked
 * at once more: its process may be gone, and nobody has said so yet.
 */
export async function findCrashes({ task }: Claim, context: WorkerContext): Promise<number> {
  const { taken_from: from } = task;
  if (from === null) return task.crashes;
  try {
    const death = await context.findDeath(from);
    if (death !== null) await noteDeaths(context.db, [death]);
    // Where its folder is gone, another instance may just have noted its death.
    return (await recountCrashes(context.db, task)) ?? task.crashes;
  } catch (error) {
    // It is counted at the next claim.
    context.log.warn('crashes not counted', { taskId: task.task_id, error });
    return task.crashes;
  }
}

/** The end of a task in which workers died again and again: it is not given to another one. */
export function crashedTooOften({ task }: Claim, crashes: number): Fate {
  return {
    kind: 'failed',
    error: new TaskError(
      'E_CRASHED',
      `the worker died ${crashes} times while it ran this task, so it is not tried again. ` +
        `The inputs are kept. Look at the log of the last attempt; "autophon retry ${task.task_id}" runs it once more.`,
    ),
    logPath: attemptLogName({ ...task, claim: task.earlier_claim }),
  };
}
