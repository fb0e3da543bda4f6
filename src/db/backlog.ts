import { sql } from 'kysely';
import { must } from '../base/must.ts';
import type { Db } from './connect.ts';

/** If this many tasks had lost their job, others may have too, as after the restore of a backup: look again at once. */
const MANY = 1000;

/** Open tasks whose job is gone are queued again, as far as this look goes. @returns how many */
export async function requeueTasksWithoutJob(db: Db, signal: AbortSignal): Promise<number> {
  let requeued = 0;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await sql<{ n: number }>`SELECT requeue_tasks_without_job() AS n`.execute(db);
    const found = must(rows[0], 'the answer of requeue_tasks_without_job()').n;
    requeued += found;
    if (found < MANY) return requeued;
  }
}

/**
 * Fails tasks that have waited too long for an engine that no instance has, or has had in that time: one that is
 * being restarted, or whose engine is being fixed, comes back to a queue that may be older than that.
 * @param knownEngines - a task for any other engine is claimed by any instance, and fails with that reason
 * @returns their ids
 */
export async function failTasksWithoutEngine(
  db: Db,
  waitSec: number,
  knownEngines: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ task_id: string }>`
    SELECT fail_tasks_without_engine(${waitSec}, ${[...knownEngines]}::text[]) AS task_id`.execute(db);
  return rows.map(({ task_id }) => task_id);
}
