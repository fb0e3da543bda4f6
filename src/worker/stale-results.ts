import type { Log } from '../base/log.ts';
import type { Db } from '../db/connect.ts';
import { findEnded, holdChore } from '../db/retention.ts';
import { resultDirs } from './results.ts';

export interface StaleResultsOptions {
  readonly db: Db;
  readonly uploadsDir: string;
  readonly log: Log;
}

const CHORE = 'remove stale results';
/** By then an attempt that is still on its way to its end has found out that the task is not its own. */
const ENDED_BEFORE_SEC = 60;

/**
 * Removes results that no row points to: those of attempts that were killed between packing and telling, when no later
 * attempt has removed them. Each task is looked at once after its end, by one instance; should that one die
 * meanwhile, by the next.
 */
export async function removeStaleResults({ db, uploadsDir, log }: StaleResultsOptions): Promise<void> {
  await holdChore(db, CHORE, async (tx, lastRunAt) => {
    for (const task of await findEnded(tx, lastRunAt, ENDED_BEFORE_SEC)) {
      const results = resultDirs(uploadsDir, task);
      const removed = await (task.has_result ? results.removeEarlier() : results.removeAll());
      if (removed > 0)
        log.info('results of dead attempts removed', { taskId: task.task_id, results: removed });
    }
  });
}
