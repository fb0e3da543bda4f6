import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import { isSoundNeeded, noteCleanedUp } from '../db/sound.ts';
import { deleteSound } from '../pipeline/cleanup.ts';

export interface RemoveSoundOptions {
  readonly db: Db;
  readonly uploadsDir: string;
  readonly log: Log;
}

interface CompletedTask {
  readonly id: string;
  readonly task_id: string;
  readonly fence: number;
  readonly task_path: string | null;
}

/**
 * Deletes the sound of a completed task, with receipts. While another task in the same folder is still to be aligned,
 * or when a file resists, the cleanup stage stays open, and a later sweep comes back to it.
 * @returns whether there is no more to do
 */
export async function removeSound(
  task: CompletedTask,
  paths: readonly string[],
  { db, uploadsDir, log }: RemoveSoundOptions,
): Promise<boolean> {
  if (await isSoundNeeded(db, task.id)) {
    log.info('sound kept for now: another task in its folder needs it', { taskId: task.task_id });
    return false;
  }
  const { gone, left } = await deleteSound(uploadsDir, task.task_path ?? '', paths, log);
  const isDone = left.length === 0;
  await noteCleanedUp(db, task, gone, isDone);
  return isDone;
}
