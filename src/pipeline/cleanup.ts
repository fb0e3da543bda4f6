import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { StageContext } from './stage.ts';

/** Removes the audio from the workspace. The worker, which made the workspace, removes the rest. */
export async function cleanup(ctx: StageContext): Promise<void> {
  await rm(path.join(ctx.workspaceDir, AUDIO_DIR), { recursive: true, force: true });
}

/** Folder of the converted recordings inside the workspace. */
export const AUDIO_DIR = 'audio';
