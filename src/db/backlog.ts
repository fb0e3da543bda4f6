import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** Open tasks whose job is gone are queued anew. @returns how many */
export async function requeueTasksWithoutJob(db: Db): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT requeue_tasks_without_job() AS n`.execute(db);
  return rows[0]?.n ?? 0;
}

/**
 * Fails tasks that have waited too long for an engine that no instance has, or has had in that time: one that is
 * being restarted, or whose engine is being mended, comes back to a queue that may be older than that.
 * @param knownEngines - a task for any other engine is claimed by whoever comes first, and told so
 * @returns their ids
 */
export async function failTasksWithoutEngine(
  db: Db,
  waitSec: number,
  knownEngines: readonly string[],
): Promise<string[]> {
  const { rows } = await sql<{ task_id: string }>`
    UPDATE tasks SET task_status = 'failed', error_code = 'E_ENGINE_MISSING',
      error_message = format('engine %s: no running instance has had it for %s s; install it on one '
        '("autophon doctor" says what is missing), then queue the task anew with "autophon retry %s"',
        engine, round(extract(epoch FROM now() - queued_at)), task_id)
    WHERE task_status = 'uploaded' AND queued_at < now() - ${waitSec} * interval '1 second'
      AND engine = ANY(${[...knownEngines]})
      AND NOT EXISTS (SELECT FROM active_instances WHERE engines -> tasks.engine ->> 'state' = 'ready')
      AND NOT EXISTS (
        SELECT FROM instances WHERE now() - ${waitSec} * interval '1 second' <
          CASE engines -> tasks.engine ->> 'state' WHEN 'ready' THEN seen_at
          ELSE (engines -> tasks.engine ->> 'readyUntil')::timestamptz END)
    RETURNING task_id`.execute(db);
  return rows.map(({ task_id }) => task_id);
}
