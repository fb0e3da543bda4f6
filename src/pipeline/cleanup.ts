import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { StageContext } from './stage.ts';

/**
 * Leaves no audio behind in the workspace, on every path. The workspace itself is removed by the worker, which made it.
 */
export async function cleanup(ctx: StageContext): Promise<void> {
  await rm(path.join(ctx.workspaceDir, AUDIO_DIR), { recursive: true, force: true });
}

/** Folder of the converted recordings inside the workspace. */
export const AUDIO_DIR = 'audio';
