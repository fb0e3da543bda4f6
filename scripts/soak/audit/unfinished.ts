import { type AuditOptions, checkRow } from './audit.ts';
import type { Books, Violation } from './books.ts';
import { checkTestimony } from './testimony-rules.ts';

/** Of a soak that was broken off: what is wrong already, though not everything has come to its end. */
export function judgeUnfinished(
  books: Books,
  options: Pick<AuditOptions, 'ledger' | 'testimony' | 'ends' | 'crashLimit' | 'retryLimit'>,
): Violation[] {
  const violations = books.tasks.flatMap((row): Violation[] => {
    const submission = options.ledger.byCreation(row.created_at);
    if (submission === undefined) return [];
    return checkRow(row, submission, books, options)
      .filter(({ rule }) => rule !== 'every task has ended')
      .map((one) => ({ ...one, taskId: row.task_id }));
  });
  return [...violations, ...checkTestimony(options.testimony, options.ledger)];
}
