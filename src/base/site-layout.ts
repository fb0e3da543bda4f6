import path from 'node:path';
import { dictionaryName } from './input-kinds.ts';

/**
 * Where things are below UPLOADS and LOGS. All paths are relative to one of the two; ids of users and tasks are plain
 * names, by a constraint on `tasks`.
 *
 * ```
 * UPLOADS/<user>/upl/<task>/                      recordings and transcripts, where `submit` puts them
 *               /otp/<task>/<row id>.<claim>/     result of one attempt, and beside it
 *                                      /corrections/   TextGrids that users have corrected; `task_files` has their names
 *               /dic/<lang>.dict                  pronunciations of the user
 *                   /missing/<task>.<row id>.txt  suggestions for words that are in no dictionary
 * LOGS/tasks/<task>.<row id>.<claim>.log          what the engine of one attempt wrote
 * ```
 */

export interface TaskName {
  readonly user_uuid: string;
  readonly task_id: string;
}

/** A row. Another row may have had its name before. */
interface TaskRow extends TaskName {
  readonly id: string;
}

/** Folders of a user that never belong to a task, even if a row says so. */
export const RESERVED_FOLDERS: ReadonlySet<string> = new Set(['dic', 'otp']);

export function uploadsOfUser(user: string): string {
  return `${user}/upl`;
}

export function uploadPath({ user_uuid, task_id }: TaskName): string {
  return `${uploadsOfUser(user_uuid)}/${task_id}`;
}

export function resultsOfUser(user: string): string {
  return `${user}/otp`;
}

/** Folder of all results of a task name. */
export function resultsPath({ user_uuid, task_id }: TaskName): string {
  return `${resultsOfUser(user_uuid)}/${task_id}`;
}

/** Folder of the corrections of a row. @returns null: its result has no folder of its own, as in rows of other programs */
export function correctionsPath({
  id,
  download_path,
}: {
  readonly id: string;
  readonly download_path: string | null;
}): string | null {
  const dir = path.posix.dirname(download_path ?? '');
  return path.posix.basename(dir).startsWith(`${id}.`) ? `${dir}/corrections` : null;
}

export function isResultPath(relative: string): boolean {
  return relative.split('/')[1] === 'otp';
}

/** Whether a path is in a user's folder of pronunciations and suggestions. */
export function isDictionaryFolder(relative: string): boolean {
  return relative.split('/')[1] === 'dic';
}

export function dictionaryPath(user: string, lang: string): string {
  return `${user}/dic/${dictionaryName(lang)}`;
}

/** Keyed by the row too: a later task of the same name has suggestions of its own. */
export function suggestionsPath({ user_uuid, task_id, id }: TaskRow): string {
  return `${user_uuid}/dic/missing/${task_id}.${id}.txt`;
}

/** The name of one attempt, which no other has, not even one of an earlier task with the same name: `<row id>.<claim>`. */
export function attemptName({ id, claim }: { readonly id: string; readonly claim: string }): string {
  return `${id}.${claim}`;
}

/** Folder of the logs of attempts, below LOGS. */
export const ATTEMPT_LOGS = 'tasks';

/** Log of an attempt, below LOGS. */
export function attemptLogPath({
  task_id,
  id,
  claim,
}: Pick<TaskRow, 'task_id' | 'id'> & { readonly claim: string | null }): string {
  return path.join(ATTEMPT_LOGS, `${task_id}.${attemptName({ id, claim: claim ?? '0' })}.log`);
}

/** The number of the attempt whose log this is; null: its name does not say. */
export function attemptOfLog(logPath: string): number | null {
  const [, fence] = /\.(\d{1,9})-[0-9a-f]{8}\.log$/.exec(logPath) ?? [];
  return fence === undefined ? null : Number(fence);
}

/** Which task a file of ATTEMPT_LOGS belongs to: by `tasks.id`, or by the task's name in logs of earlier versions. */
export type OwnerOfLog = { readonly rowId: string } | { readonly taskId: string };

/** @returns null when it is no log of ours */
export function ownerOfLog(fileName: string): OwnerOfLog | null {
  const [, rowId] = /^[A-Za-z0-9][A-Za-z0-9._-]*\.(\d{1,18})\.\d+-[0-9a-f]{8}\.log$/.exec(fileName) ?? [];
  if (rowId !== undefined) return { rowId };
  const [, taskId] = /^([A-Za-z0-9][A-Za-z0-9._-]*)\.\d+\.log$/.exec(fileName) ?? [];
  return taskId === undefined ? null : { taskId };
}
