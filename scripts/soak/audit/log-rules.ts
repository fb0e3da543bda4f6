import type { InstanceLogs } from '../instance-logs.ts';
import type { Submissions } from '../submissions.ts';
import type { Violation } from './final-rows.ts';

/** An attempt that was given up because its task was reported as withdrawn. */
const WITHDRAWN = /cancelled, deleted or queued again|withdrawn/;
/** A server that has lost a commit has also lost its consequences. */
const FORGETTING_MS = 30_000;

/** Checks the logs of the instances. */
export function checkLogs(
  { losses, unsettled, unwritable }: InstanceLogs,
  submissions: Submissions,
): Violation[] {
  const withdrawn = new Set(
    submissions.all.filter(({ isWithdrawn }) => isWithdrawn).map(({ taskId }) => taskId),
  );
  const wasForgotten = (atMs: number) =>
    submissions.forgottenAtMs.some((forgottenAtMs) => Math.abs(atMs - forgottenAtMs) < FORGETTING_MS);
  return [
    ...losses
      .filter(
        ({ atMs, taskId, reason }) => WITHDRAWN.test(reason) && !withdrawn.has(taskId) && !wasForgotten(atMs),
      )
      .map(({ taskId, reason }) => ({
        rule: 'a notification ends nothing' as const,
        taskId,
        message: `an attempt was given up ("${reason}"), and the task was not withdrawn`,
      })),
    ...[...unsettled, ...unwritable].map((message) => ({
      rule: 'every attempt is settled, whatever was said' as const,
      taskId: null,
      message,
    })),
  ];
}
