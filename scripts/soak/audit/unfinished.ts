import { type AuditOptions, checkRow } from './audit.ts';
import type { FinalRows, Violation } from './final-rows.ts';
import { checkLogs } from './log-rules.ts';

/** Of a soak that was broken off: what is wrong already, though not everything has come to its end. */
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
