import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import { findEnded, findNameHolder, noteResultsTidy } from '../db/retention.ts';
import { Uploads } from '../host/uploads.ts';
import { isReachable, listResultFolders, removeResultFolders } from './results.ts';

export interface StaleResultsOptions {
  readonly db: Db;
  readonly uploadsDir: string;
  readonly log: Log;
  /** How long after the end of a task its earlier results stay, in seconds. */
  readonly removalDelaySec?: number;
  /** When it is told to stop, it finishes the current task. */
  readonly signal?: AbortSignal;
}

/** An attempt that lost its task may still be about to notice it, and a failover may bring an earlier state back. */
const DEFAULT_DELAY_SEC = 60;
const AT_ONCE = 100;

/**
 * Removes results that no row points to: those of attempts that died, or lost their task, after packing. Each task is
 * looked at once after its end.
 * @returns whether there may be more of them
 */
export async function removeStaleResults({
  db,
  uploadsDir,
  log,
  removalDelaySec = DEFAULT_DELAY_SEC,
  signal,
}: StaleResultsOptions): Promise<boolean> {
  const ended = await findEnded(db, removalDelaySec, AT_ONCE);
  if (ended.length === 0) return false;
  await using uploads = await new Uploads(db, uploadsDir).open();
  const { root } = uploads;
  for (const task of ended) {
    signal?.throwIfAborted();
    // It does not stop the others: the daily scan of all results tries it again.
    const report = (error: unknown) => log.error('result.stale_not_removed', { taskId: task.task_id, error });
    // Mostly there is only the task's own result: then no query is needed.
    const folders = await listResultFolders(root, task).catch(report);
    if (!folders || folders.every((folder) => task.download_path?.startsWith(`${folder}/`))) continue;
    const holder = await findNameHolder(db, task);
    const unreachable = folders.filter((folder) => !isReachable(folder, holder));
    const removed = await removeResultFolders(root, task, unreachable).catch(report);
    if (removed && removed.length > 0)
      log.info('result.stale_removed', { taskId: task.task_id, results: removed.length });
  }
  await noteResultsTidy(db, ended);
  return ended.length === AT_ONCE;
}
