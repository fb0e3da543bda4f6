import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { fileVersion } from '../base/file-version.ts';
import { isInside, resolveInside } from '../base/inside.ts';
import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import {
  type CompletedTask,
  listSound,
  maySoundGo,
  noteCleanedUp,
  noteSoundKept,
  type SoundFile,
  startSoundRemoval,
} from '../db/sound.ts';
import type { OpenUploads } from '../host/uploads.ts';
import { findFile, finishRemovals, removeFile } from './remove-file.ts';

export interface RemoveSoundOptions {
  readonly db: Db;
  readonly uploads: OpenUploads;
  readonly log: Log;
}

/**
 * Deletes the sound of a completed task, as the service promises its users: first a mark in the row, then the files,
 * then the receipts. Each step may be done again, by anybody. While another task in the same folder is still to be
 * aligned, or when a file resists, the cleanup stage stays open, and a later sweep comes back to it.
 * @returns whether there is no more to do
 */
export async function removeSound(
  task: CompletedTask,
  { db, uploads, log }: RemoveSoundOptions,
): Promise<boolean> {
  await startSoundRemoval(db, task);
  const permission = await maySoundGo(db, task);
  if (permission === null) {
    log.info('sound.kept', { taskId: task.task_id });
    await noteSoundKept(db, task);
    return false;
  }
  if ((await findFile(uploads.root, permission.resultPath)) === null) {
    log.error('sound.kept_without_result', {
      taskId: task.task_id,
      result: permission.resultPath,
    });
    await noteSoundKept(db, task);
    return false;
  }
  const gone: string[] = [];
  let isDone = true;
  const sound = await listSound(db, task.id);
  if (!(await finishRemovalsOf(task, sound, { uploads, log }))) {
    await noteSoundKept(db, task);
    return false;
  }
  for (const file of sound) {
    const outcome = await removeOne(uploads.root, task, file, log);
    if (outcome === 'gone') gone.push(file.path);
    else if (outcome === 'resists') isDone = false;
  }
  await noteCleanedUp(db, task, gone, isDone);
  return isDone;
}

/**
 * An earlier removal may have died with a file in its hands: it is not where its path says, and still there.
 * @returns false when that could not be found out
 */
async function finishRemovalsOf(
  task: CompletedTask,
  sound: readonly SoundFile[],
  { uploads: { root }, log }: Pick<RemoveSoundOptions, 'uploads' | 'log'>,
): Promise<boolean> {
  try {
    const taskDir = await resolveFolder(root, task);
    for (const folder of new Set(sound.map((file) => path.dirname(file.path)))) {
      const real = await resolveInside(root, folder).catch(() => null);
      if (real === null || taskDir === null || (real !== taskDir && !isInside(taskDir, real))) continue;
      for (const { path: removed } of await finishRemovals(root, path.relative(root, real)))
        log.info('sound.removal_finished', { path: removed });
    }
    return true;
  } catch (error) {
    log.error('sound.not_deleted', { taskId: task.task_id, error });
    return false;
  }
}

/** @returns `not ours` for what lies elsewhere or was changed since it was aligned: it never goes, and gets no receipt */
async function removeOne(
  root: string,
  task: CompletedTask,
  { path: relative, version }: SoundFile,
  log: Log,
): Promise<'gone' | 'not ours' | 'resists'> {
  try {
    const taskDir = await resolveFolder(root, task);
    const real = await resolveInside(root, relative);
    // UPLOADS is verified, so that what is not there was removed: by an attempt whose receipt was lost, or by the user.
    if (real === null) return 'gone';
    if (taskDir === null || !isInside(taskDir, real)) {
      log.error('sound.outside_folder', { path: relative });
      return 'not ours';
    }
    const outcome = await removeFile(
      root,
      path.relative(root, real),
      (stats) => version === null || fileVersion(stats) === version,
    );
    if (outcome !== 'kept') return 'gone';
    log.warn('sound.kept_as_newer', { path: relative });
    return 'not ours';
  } catch (error) {
    log.error('sound.not_deleted', { path: relative, error });
    return error instanceof TaskError && error.code === 'E_PATH_OUTSIDE' ? 'not ours' : 'resists';
  }
}

/** @returns null when the task has no folder (any more) */
async function resolveFolder(root: string, { task_path }: CompletedTask): Promise<string | null> {
  return task_path === null ? null : resolveInside(root, task_path);
}
