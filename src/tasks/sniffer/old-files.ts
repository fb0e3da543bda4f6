import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { dictionaryName } from '../../base/input-kinds.ts';
import { resolveInside } from '../../base/inside.ts';
import { dictionaryPath, resultsPath, uploadPath } from '../../base/site-layout.ts';
import type { TaskLimits } from '../../base/task-limits.ts';
import { findInputFiles } from '../../pipeline/prepare/input-files.ts';
import type { InputPath } from '../../pipeline/prepare/pairs.ts';
import { filesOf } from '../given-files.ts';
import { openPlain } from '../result-file.ts';
import { pathOfUser } from './old-paths.ts';
import type { OldTask } from './old-task.ts';

/** A file of the older worker that is copied. */
export interface PlannedFile {
  readonly path: string;
  /** Relative to UPLOADS here; of a result: null, its folder is named by the attempt. */
  readonly target: string | null;
  readonly bytes: number;
}

/**
 * The recordings and transcripts of a task, and its own dictionary.
 * @param oldRoot - the older worker's UPLOADS
 * @throws TaskError as a worker would for its folder
 */
export async function findInputs(
  old: OldTask,
  lang: string | null,
  oldRoot: string,
  taskLimits: TaskLimits,
): Promise<PlannedFile[]> {
  const name = { user_uuid: old.user, task_id: old.oldId };
  const taskPath = old.taskPath === null ? uploadPath(name) : pathOfUser(old.taskPath, old.user);
  const input = {
    taskId: old.oldId,
    userUuid: old.user,
    lang: lang ?? '',
    engine: null,
    taskPath,
    columns: null,
  };
  const found = await findInputFiles(oldRoot, input, taskLimits);
  const [fault, ...others] = found.faults;
  if (fault !== undefined) throw TaskError.ofFaults([fault, ...others]);
  const files = filesOf(found);
  if (lang !== null) files.push(...(await findTaskDictionary(found.dir, lang)));
  return Promise.all(files.map((file) => planFile(file, `${uploadPath(name)}/${file.relative}`)));
}

async function findTaskDictionary(dir: string, lang: string): Promise<InputPath[]> {
  const relative = dictionaryName(lang);
  const found = await resolveInside(dir, relative);
  return found === null ? [] : [{ relative, path: found }];
}

async function planFile({ path: source }: InputPath, target: string): Promise<PlannedFile> {
  const opened = await openPlain(source);
  if (opened === null) throw new TaskError('E_PATH_KIND', `${target}: expected a plain file`);
  await opened.file.close();
  return { path: source, target, bytes: opened.bytes };
}

/**
 * The zip, only in the folder of the user.
 * @returns null: it does not exist any more
 */
export async function findResult(old: OldTask, oldRoot: string): Promise<PlannedFile | null> {
  const name = { user_uuid: old.user, task_id: old.oldId };
  const given = old.downloadPath ?? `${resultsPath(name)}/${old.oldId}.zip`;
  const [, ...inside] = pathOfUser(given, old.user).split('/');
  const userDir = await resolveInside(oldRoot, old.user);
  const found = userDir === null ? null : await resolveInside(userDir, inside.join('/'));
  if (found === null) return null;
  const opened = await openPlain(found);
  if (opened === null)
    throw new TaskError(
      'E_PATH_KIND',
      `${JSON.stringify(given)}: expected a plain file, the zip of the task`,
    );
  await opened.file.close();
  return { path: found, target: null, bytes: opened.bytes };
}

/** Dictionaries of users for languages that are installed here. A dictionary that exists here stays as it is. */
export async function findDictionaries(
  users: readonly string[],
  languages: Iterable<string>,
  oldRoot: string,
  uploadsDir: string,
): Promise<{ readonly files: readonly PlannedFile[]; readonly faults: readonly Fault[] }> {
  const found: PlannedFile[] = [];
  const faults: Fault[] = [];
  const codes = [...languages];
  for (const user of users) {
    for (const lang of codes) {
      const relative = dictionaryPath(user, lang);
      try {
        const userDir = await resolveInside(oldRoot, user);
        const file = userDir === null ? null : await resolveInside(userDir, relative.slice(user.length + 1));
        const isHere = (await stat(path.join(uploadsDir, relative)).catch(() => null)) !== null;
        if (file !== null && !isHere) found.push(await planFile({ relative, path: file }, relative));
      } catch (error) {
        if (!(error instanceof TaskError)) throw error;
        faults.push(findingAt(error.code, { file: relative }, error.message));
      }
    }
  }
  return { files: found, faults };
}

/** The folder of a task that was not imported yet has files. */
export function folderTaken(taskPath: string): TaskError {
  return new TaskError(
    'E_CONFLICT',
    `UPLOADS has files in ${taskPath} already. If an import was taken back, wait until they are removed ("autophon clean"); ` +
      'otherwise move them away',
  );
}

/** @throws TaskError E_CONFLICT, before anything is done */
export async function assertFolderFree(uploadsDir: string, taskPath: string): Promise<void> {
  const found = await readdir(path.join(uploadsDir, taskPath)).catch(() => []);
  if (found.length > 0) throw folderTaken(taskPath);
}
