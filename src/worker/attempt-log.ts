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

/** The row, `tasks.id`, that a file of ATTEMPT_LOGS belongs to. @returns null when it is no log of ours */
export function rowOfLog(fileName: string): string | null {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*\.(\d{1,18})\.\d+-[0-9a-f]{8}\.log$/.exec(fileName)?.[1] ?? null;
}
