import { rm, unlink } from 'node:fs/promises';
import path from 'node:path';
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

/**
 * Deletes the uploaded sound of a completed task, as the service promises its users. May be run again.
 * @param paths - relative to the uploads folder, each inside the task's folder
 * @returns those that are gone now
 */
export async function deleteSound(
  uploadsDir: string,
  taskPath: string,
  paths: readonly string[],
  log: Log,
): Promise<string[]> {
  const gone: string[] = [];
  const taskDir = await resolveInside(uploadsDir, taskPath);
  for (const relative of paths) {
    try {
      const real = await resolveInside(uploadsDir, relative);
      if (real === null) gone.push(relative);
      else if (taskDir !== null && isInside(taskDir, real)) {
        await unlink(real);
        gone.push(relative);
      } else log.error('sound not deleted: it is not in its task’s folder', { path: relative });
    } catch (error) {
      log.error('sound not deleted', { path: relative, error });
    }
  }
  return gone;
}
