import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { fileVersion } from '../base/file-version.ts';
import { isInside, resolveInside } from '../base/inside.ts';
import type { Log } from '../base/log.ts';
import {
  type AudioFile,
  type CompletedTask,
  listAudio,
  mayRemoveAudio,
  noteAudioKept,
  noteCleanedUp,
  startAudioRemoval,
} from '../db/audio-removal.ts';
import type { Db } from '../db/connect.ts';
import type { OpenUploads } from '../host/uploads.ts';
import { findFile, finishRemovals, removeFile } from './remove-file.ts';

export interface RemoveAudioOptions {
  readonly db: Db;
  readonly uploads: OpenUploads;
  readonly log: Log;
}

/**
 * Deletes the audio of a completed task: first a mark in the row, then the files,
 * then the receipts. Each step may be done again, by any instance. While another task in the same folder is still to be
 * aligned, or when a file cannot be deleted, the cleanup stage stays open, and a later sweep comes back to it.
 * @returns whether there is no more to do
 */
export async function removeAudio(
  task: CompletedTask,
  { db, uploads, log }: RemoveAudioOptions,
): Promise<boolean> {
  await startAudioRemoval(db, task);
  const permission = await mayRemoveAudio(db, task);
  if (permission === null) {
    log.info('audio.kept', { taskId: task.task_id });
    await noteAudioKept(db, task);
    return false;
  }
  if ((await findFile(uploads.root, permission.resultPath)) === null) {
    log.error('audio.kept_without_result', {
      taskId: task.task_id,
      result: permission.resultPath,
    });
    await noteAudioKept(db, task);
    return false;
  }
  const gone: string[] = [];
  let isDone = true;
  const audio = await listAudio(db, task.id);
  if (!(await finishRemovalsOf(task, audio, { uploads, log }))) {
    await noteAudioKept(db, task);
    return false;
  }
  for (const file of audio) {
    const outcome = await removeOne(uploads.root, task, file, log);
    if (outcome === 'gone') gone.push(file.path);
    else if (outcome === 'failed') isDone = false;
  }
  await noteCleanedUp(db, task, gone, isDone);
  return isDone;
}

/**
 * An earlier removal may have died after it moved a file: the file is not at its path, but still on the disk.
 * @returns false when that could not be found out
 */
async function finishRemovalsOf(
  task: CompletedTask,
  audio: readonly AudioFile[],
  { uploads: { root }, log }: Pick<RemoveAudioOptions, 'uploads' | 'log'>,
): Promise<boolean> {
  try {
    const taskDir = await resolveFolder(root, task);
    for (const folder of new Set(audio.map((file) => path.dirname(file.path)))) {
      const real = await resolveInside(root, folder).catch(() => null);
      if (real === null || taskDir === null || (real !== taskDir && !isInside(taskDir, real))) continue;
      for (const { path: removed } of await finishRemovals(root, path.relative(root, real)))
        log.info('audio.removal_finished', { path: removed });
    }
    return true;
  } catch (error) {
    log.error('audio.not_deleted', { taskId: task.task_id, error });
    return false;
  }
}

/**
 * @returns `not ours` for a file that is elsewhere or was changed since it was aligned: it is never deleted, and gets
 * no receipt
 */
async function removeOne(
  root: string,
  task: CompletedTask,
  { path: relative, version }: AudioFile,
  log: Log,
): Promise<'gone' | 'not ours' | 'failed'> {
  try {
    const taskDir = await resolveFolder(root, task);
    const real = await resolveInside(root, relative);
    // UPLOADS is verified, so that what is not there was removed: by an attempt whose receipt was lost, or by the user.
    if (real === null) return 'gone';
    if (taskDir === null || !isInside(taskDir, real)) {
      log.error('audio.outside_folder', { path: relative });
      return 'not ours';
    }
    const outcome = await removeFile(
      root,
      path.relative(root, real),
      (stats) => version === null || fileVersion(stats) === version,
    );
    if (outcome !== 'kept') return 'gone';
    log.warn('audio.kept_as_newer', { path: relative });
    return 'not ours';
  } catch (error) {
    log.error('audio.not_deleted', { path: relative, error });
    return error instanceof TaskError && error.code === 'E_PATH_OUTSIDE' ? 'not ours' : 'failed';
  }
}

/** @returns null when the task has no folder (any more) */
async function resolveFolder(root: string, { task_path }: CompletedTask): Promise<string | null> {
  return task_path === null ? null : resolveInside(root, task_path);
}
