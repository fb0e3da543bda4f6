import { TaskError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { attemptLogPath } from '../base/site-layout.ts';
import { within } from '../base/within.ts';
import type { AttemptRow } from '../db/attempts.ts';
import type { Tx } from '../db/connect.ts';
import { type InstanceDeath, noteDeaths } from '../db/instances.ts';
import type { ClaimedJob } from '../queue/queue.ts';
import type { Fate } from './outcome.ts';

export interface DeathContext {
  readonly log: Log;
  /**
   * The death of another instance, as far as this machine can prove it; null: it lives, or that cannot be decided here.
   */
  readonly findDeath: (instanceId: string) => Promise<InstanceDeath | null>;
}

/** Time for reading some small files. A disk that hangs must not delay the claim and the rows that it has locked. */
const LOOK_LIMIT_MS = 1_000;

/**
 * Checks the instance that had a task and went silent, before the take-over is counted: its process may have died on
 * this machine, and no sweep has recorded it yet. Only the death in this task is recorded, because claims that do the
 * same may have locked the rows of others.
 */
export async function lookForDeath(tx: Tx, job: ClaimedJob, context: DeathContext): Promise<void> {
  const { holder, taskRowId } = job;
  if (holder === null) return;
  const found: InstanceDeath[] = [];
  try {
    await within(
      LOOK_LIMIT_MS,
      context.findDeath(holder).then((death) => {
        if (death !== null) found.push(death);
      }),
    );
  } catch (error) {
    // Without proof it does not count as a crash yet.
    context.log.warn('task.holder_not_checked', { holder, error });
  }
  const deaths = found.map((death) => ({
    ...death,
    attempts: death.attempts.filter(({ id }) => id === taskRowId),
  }));
  await noteDeaths(tx, deaths);
}

/** The fate of a task in which workers died again and again: it fails, so that no other worker gets it. */
export function crashedTooOften(task: AttemptRow): Fate {
  return {
    kind: 'failed',
    error: new TaskError(
      'E_CRASHED',
      `the worker died ${task.crashes} times while it ran this task, so it is not tried again. ` +
        `The inputs are kept. Look at the log of the last attempt; "autophon retry ${task.task_id}" runs it once more.`,
    ),
    logPath: attemptLogPath({ ...task, claim: task.earlier_claim }),
  };
}
