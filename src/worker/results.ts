import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

export interface ResultDirs {
  /** `<user>/otp/<task>/<fence>`: only the attempt that holds the fence writes there. */
  readonly ofAttempt: string;
  /** Removes what earlier attempts, killed half-way, left behind. @returns of how many there was something */
  removeEarlier(): Promise<number>;
  /** The same, and what this attempt has left. */
  removeAll(): Promise<number>;
}

/** Where the results of a task go. Both ids are plain names, by a constraint on `tasks`. */
export function resultDirs(
  uploadsDir: string,
  task: { readonly user_uuid: string; readonly task_id: string; readonly fence: number },
): ResultDirs {
  const ofTask = path.join(uploadsDir, task.user_uuid, 'otp', task.task_id);
  const removeUpTo = async (fence: number): Promise<number> => {
    const names = await readdir(ofTask).catch(() => []);
    // Never those of a later attempt; a plain number is all that we ever made.
    const ours = names.filter((name) => /^\d+$/.test(name) && Number(name) <= fence);
    for (const name of ours) await rm(path.join(ofTask, name), { recursive: true, force: true });
    return ours.length;
  };
  return {
    ofAttempt: path.join(ofTask, String(task.fence)),
    removeEarlier: () => removeUpTo(task.fence - 1),
    removeAll: async () => {
      const count = await removeUpTo(task.fence);
      await rmdir(ofTask).catch(() => undefined);
      return count;
    },
  };
}
