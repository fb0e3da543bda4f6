import path from 'node:path';
import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import {
  allowFileWork,
  findOutdated,
  type KeepTimes,
  lockOutdated,
  noteRemoved,
  type OutdatedTask,
  type RemovedFile,
} from '../db/retention.ts';
import { type FoundFile, isTaskFolder, listTree, removeTree } from './remove-tree.ts';

/** At most so many tasks at a time: the others are next. */
const AT_ONCE = 100;

export interface RetentionOptions {
  readonly db: Db;
  readonly uploadsDir: string;
  readonly keep: KeepTimes;
  readonly log: Log;
}

export interface Removal {
  readonly taskId: string;
  readonly status: OutdatedTask['task_status'];
  readonly files: readonly string[];
  readonly bytes: number;
}

/** What `removeOutdated` would remove now; nothing is changed. */
export async function previewOutdated({ db, uploadsDir, keep }: RetentionOptions): Promise<Removal[]> {
  const removals: Removal[] = [];
  for (const task of await findOutdated(db, keep, AT_ONCE)) {
    const files: FoundFile[] = [];
    for (const folder of foldersOf(task)) files.push(...((await listTree(uploadsDir, folder)) ?? []));
    removals.push(describe(task, files));
  }
  return removals;
}

/**
 * Removes the files of tasks that are expired, deleted, or older than they are kept, writes the receipts and marks
 * the tasks. Each task is held in the database while its files go, so that nobody can queue it meanwhile.
 */
export async function removeOutdated({ db, uploadsDir, keep, log }: RetentionOptions): Promise<Removal[]> {
  const removals: Removal[] = [];
  for (const found of await findOutdated(db, keep, AT_ONCE)) {
    try {
      const removal = await db.transaction().execute(async (tx) => {
        const task = await lockOutdated(tx, found, keep);
        if (task === undefined) return null;
        await allowFileWork(tx);
        const files: FoundFile[] = [];
        for (const folder of foldersOf(task)) {
          const removed = await removeTree(uploadsDir, folder);
          if (removed !== null) files.push(...removed);
        }
        await noteRemoved(
          tx,
          task,
          files.map(toReceipt),
          'its files were removed: they had been kept long enough',
        );
        return describe(task, files);
      });
      if (removal === null) continue;
      removals.push(removal);
      log.info('files of a task removed', {
        taskId: removal.taskId,
        status: removal.status,
        files: removal.files.length,
        bytes: removal.bytes,
      });
    } catch (error) {
      // One task that cannot be cleaned up must not keep the others.
      log.error('files of a task not removed', { taskId: found.task_id, error });
    }
  }
  return removals;
}

/** A folder that another task uses stays until that one goes; one that a row could not have meant is left alone. */
function foldersOf({ task_id, user_uuid, task_path, is_shared, is_reborn }: OutdatedTask): string[] {
  const isOurs = !is_shared && task_path !== null && isTaskFolder(task_path, user_uuid);
  return [
    ...(isOurs ? [task_path] : []),
    // Whatever became of the task: an attempt that died may have left something.
    ...(!is_reborn ? [`${user_uuid}/otp/${task_id}`] : []),
  ];
}

function toReceipt({ path: relative, bytes }: FoundFile): RemovedFile {
  const isResult = relative.split('/')[1] === 'otp';
  const isTranscript = /\.textgrid$/i.test(relative);
  const kind = isResult
    ? 'output'
    : isTranscript
      ? 'textgrid'
      : /\.(dict|txt)$/i.test(relative)
        ? 'held'
        : 'audio';
  return { kind, path: relative, original_name: path.basename(relative), bytes };
}

function describe(task: OutdatedTask, files: readonly FoundFile[]): Removal {
  return {
    taskId: task.task_id,
    status: task.task_status,
    files: files.map((file) => file.path),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
