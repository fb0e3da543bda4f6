import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';

export interface ResultDirs {
  /** `<user>/otp/<task>/<fence>`: only the attempt that holds the fence writes there. */
  readonly ofAttempt: string;
  /** Removes what earlier attempts, killed half-way, left behind. */
  removeEarlier(): Promise<void>;
}

/** Where the results of a task go. Both ids are plain names, by a constraint on `tasks`. */
export function resultDirs(
  uploadsDir: string,
  task: { readonly user_uuid: string; readonly task_id: string; readonly fence: number },
): ResultDirs {
  const ofTask = path.join(uploadsDir, task.user_uuid, 'otp', task.task_id);
  return {
    ofAttempt: path.join(ofTask, String(task.fence)),
    removeEarlier: async () => {
      for (const name of await readdir(ofTask).catch(() => [])) {
        // Earlier attempts only; a plain number is all that we ever made.
        if (/^\d+$/.test(name) && Number(name) < task.fence)
          await rm(path.join(ofTask, name), { recursive: true, force: true });
      }
    },
  };
}
