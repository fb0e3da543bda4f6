import path from 'node:path';
import { attemptName } from './results.ts';

/** Folder of the logs of attempts, inside the folder of logs. */
export const ATTEMPT_LOGS = 'tasks';

interface Attempt {
  readonly task_id: string;
  readonly id: string;
  readonly claim: string | null;
}

/** Name of an attempt's log inside the folder of logs: `tasks/<task_id>.<row id>.<claim>.log`. */
export function attemptLogName({ task_id, id, claim }: Attempt): string {
  return path.join(ATTEMPT_LOGS, `${task_id}.${attemptName({ id, claim: claim ?? '0' })}.log`);
}

/** Which task a file of ATTEMPT_LOGS belongs to: by its row, `tasks.id`; logs of earlier versions have its name only. */
export type OwnerOfLog = { readonly rowId: string } | { readonly taskId: string };

/** @returns null when it is no log of ours */
export function ownerOfLog(fileName: string): OwnerOfLog | null {
  const [, rowId] = /^[A-Za-z0-9][A-Za-z0-9._-]*\.(\d{1,18})\.\d+-[0-9a-f]{8}\.log$/.exec(fileName) ?? [];
  if (rowId !== undefined) return { rowId };
  const [, taskId] = /^([A-Za-z0-9][A-Za-z0-9._-]*)\.\d+\.log$/.exec(fileName) ?? [];
  return taskId === undefined ? null : { taskId };
}
