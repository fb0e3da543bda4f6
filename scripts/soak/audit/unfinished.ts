import { type AuditOptions, checkRow } from './audit.ts';
import type { FinalRows, Violation } from './final-rows.ts';
import { checkLogs } from './log-rules.ts';

/** For a soak that was stopped early: reports what is already wrong, although not all work has ended. */
export function judgeUnfinished(
  finalRows: FinalRows,
  options: Pick<AuditOptions, 'submissions' | 'instanceLogs' | 'ends' | 'crashLimit' | 'retryLimit'>,
): Violation[] {
  const violations = finalRows.tasks.flatMap((row): Violation[] => {
    const submission = options.submissions.byCreation(row.created_at);
    if (submission === undefined) return [];
    return checkRow(row, submission, finalRows, options)
      .filter(({ rule }) => rule !== 'every task has ended')
      .map((one) => ({ ...one, taskId: row.task_id }));
  });
  return [...violations, ...checkLogs(options.instanceLogs, options.submissions)];
}
