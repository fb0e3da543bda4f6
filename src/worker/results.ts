import { readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { findOwnFolder } from '../base/inside.ts';

export interface ResultDirs {
  /** `<user>/otp/<task>/<fence>`: only the attempt that holds the fence writes there. */
  readonly ofAttempt: string;
  /** Removes what earlier attempts, killed half-way, left behind. @returns of how many there was something */
  removeEarlier(): Promise<number>;
  /** Removes what this attempt has left. */
  removeOwn(): Promise<number>;
  /** Both. */
  removeAll(): Promise<number>;
}

/** Where the results of a task go. Both ids are plain names, by a constraint on `tasks`. */
export function resultDirs(
  uploadsDir: string,
  task: { readonly user_uuid: string; readonly task_id: string; readonly fence: number },
): ResultDirs {
  const relative = `${task.user_uuid}/otp/${task.task_id}`;
  const ofTask = path.join(uploadsDir, relative);
  const remove = async (isToGo: (fence: number) => boolean): Promise<number> => {
    const dir = await findOwnFolder(uploadsDir, relative).catch(() => null);
    if (dir === null) return 0;
    // A plain number is all that we ever made.
    const ours = (await readdir(dir)).filter((name) => /^\d+$/.test(name) && isToGo(Number(name)));
    for (const name of ours) await rm(path.join(dir, name), { recursive: true, force: true });
    return ours.length;
  };
  return {
    ofAttempt: path.join(ofTask, String(task.fence)),
    removeEarlier: () => remove((fence) => fence < task.fence),
    removeOwn: () => remove((fence) => fence === task.fence),
    // Never those of a later attempt.
    removeAll: async () => {
      const count = await remove((fence) => fence <= task.fence);
      await rmdir(ofTask).catch(() => undefined);
      return count;
    },
  };
}
