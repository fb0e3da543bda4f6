import type { Submission, Submissions } from '../submissions.ts';
import type { FinalRows, TaskRow, Violation } from './final-rows.ts';

/** Each row with the submission that made it. */
export interface Known {
  readonly row: TaskRow;
  readonly submission: Submission;
}

/** Compares the rows with what the users did: every task exists once, and deleted tasks do not exist. */
export function matchSubmissions(
  finalRows: FinalRows,
  submissions: Submissions,
): { known: Known[]; violations: Violation[] } {
  const rule = 'every task is there';
  const violations: Violation[] = [];
  const known: Known[] = [];
  const rows = new Map(finalRows.tasks.map((row) => [row.created_at.getTime(), row]));
  for (const submission of submissions.all) {
    const row = rows.get(submission.createdAt.getTime());
    rows.delete(submission.createdAt.getTime());
    const { taskId, state } = submission;
    if (row === undefined) {
      if (state === 'there') violations.push({ rule, taskId, message: 'was submitted, and has no row' });
      continue;
    }
    if (state !== 'there') violations.push({ rule, taskId, message: `is ${state}, and has a row` });
    known.push({ row, submission });
  }
  for (const { task_id } of rows.values())
    violations.push({ rule, taskId: task_id, message: 'has a row, and was never submitted' });
  return { known, violations };
}
