import { sql } from 'kysely';
import { must } from '../base/must.ts';
import type { Db } from './connect.ts';

/** If so many tasks had no job, more may have none, as after the restore of a backup: the next tasks are checked at once. */
const MANY = 1000;

/**
 * Queues waiting and running tasks again whose job is gone. One call checks a few thousand waiting tasks; the next call goes
 * on where it ended.
 * @returns how many were queued again
 */
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
 * Fails tasks that have waited longer than `waitSec` for an engine, if no instance has had this engine in that time. An
 * instance that was only restarted, or whose engine was being fixed, finds its queue as it was.
 * @param knownEngines - engines of this version. Any instance claims a task for another engine, and fails it
 * @returns the `task_id`s of the failed tasks
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
