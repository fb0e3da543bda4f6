import path from 'node:path';

/** Folder of the logs of attempts, inside the folder of logs. */
export const ATTEMPT_LOGS = 'tasks';

interface Attempt {
  readonly task_id: string;
  readonly fence: number;
}

/** Name of an attempt's log inside the folder of logs. */
export function attemptLogName({ task_id, fence }: Attempt): string {
  return path.join(ATTEMPT_LOGS, `${task_id}.${fence}.log`);
}

/** The task that a file of ATTEMPT_LOGS belongs to. @returns null when it is no log of ours */
export function taskOfLog(fileName: string): string | null {
  return /^([A-Za-z0-9][A-Za-z0-9._-]*)\.\d+\.log$/.exec(fileName)?.[1] ?? null;
}
