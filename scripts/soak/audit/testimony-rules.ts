import type { Ledger } from '../ledger.ts';
import type { Testimony } from '../testimony.ts';
import type { Violation } from './books.ts';

/** An attempt that was given up since its task was said to be withdrawn. */
const WITHDRAWN = /cancelled, deleted or queued anew|withdrawn/;
/** Whoever has lost a commit loses what follows from it, too. */
const FORGETTING_MS = 30_000;

/** What the logs of the instances tell. */
export function checkTestimony({ losses, unsettled, unwritable }: Testimony, ledger: Ledger): Violation[] {
  const withdrawn = new Set(ledger.all.filter(({ isWithdrawn }) => isWithdrawn).map(({ taskId }) => taskId));
  const wasForgotten = (atMs: number) =>
    ledger.forgottenAtMs.some((forgottenAtMs) => Math.abs(atMs - forgottenAtMs) < FORGETTING_MS);
  return [
    ...losses
      .filter(
        ({ atMs, taskId, reason }) => WITHDRAWN.test(reason) && !withdrawn.has(taskId) && !wasForgotten(atMs),
      )
      .map(({ taskId, reason }) => ({
        rule: 'a notification ends nothing' as const,
        taskId,
        message: `an attempt was given up ("${reason}"), and nobody had withdrawn the task`,
      })),
    ...[...unsettled, ...unwritable].map((message) => ({
      rule: 'every attempt is settled, whatever was said' as const,
      taskId: null,
      message,
    })),
  ];
}
