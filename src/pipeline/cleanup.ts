import { rm, unlink } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { isInside, resolveInside } from '../base/inside.ts';
import type { Log } from '../base/log.ts';
import type { StageContext } from './stage.ts';

/**
 * Leaves no audio behind in the workspace, on every path. The workspace itself is removed by who made it.
 */
export async function cleanup(ctx: StageContext): Promise<void> {
  await rm(path.join(ctx.workspaceDir, AUDIO_DIR), { recursive: true, force: true });
}

/** Folder of the converted recordings inside the workspace. */
export const AUDIO_DIR = 'audio';

/** What became of the sound of a task. What is in neither list is not the task's, and never goes. */
export interface SoundRemoval {
  readonly gone: readonly string[];
  /** May be tried again. */
  readonly left: readonly string[];
}

/**
 * Deletes the uploaded sound of a completed task, as the service promises its users. May be run again.
 * @param paths - relative to the uploads folder, each inside the task's folder
 */
export async function deleteSound(
  uploadsDir: string,
  taskPath: string,
  paths: readonly string[],
  log: Log,
): Promise<SoundRemoval> {
  const gone: string[] = [];
  const left: string[] = [];
  for (const relative of paths) {
    try {
      const taskDir = await resolveInside(uploadsDir, taskPath);
      const real = await resolveInside(uploadsDir, relative);
      if (real === null) gone.push(relative);
      else if (taskDir !== null && isInside(taskDir, real)) {
        await unlink(real);
        gone.push(relative);
      } else log.error('sound not deleted: it is not in its task’s folder', { path: relative });
    } catch (error) {
      const isOutside = error instanceof TaskError && error.code === 'E_PATH_OUTSIDE';
      if (!isOutside) left.push(relative);
      log.error('sound not deleted', { path: relative, error });
    }
  }
  return { gone, left };
}
