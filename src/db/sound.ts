import { sql } from 'kysely';
import type { Fence } from './attempts.ts';
import type { Db } from './connect.ts';
import { isNeighbour } from './neighbours.ts';

/** Others in the folder that have their files and may still run: they wait, run, or can be queued anew. */
const isSoundNeededByOthers = sql<boolean>`EXISTS (
  SELECT FROM tasks AS other WHERE ${isNeighbour('tasks')} AND other.task_status NOT IN ('completed', 'expired')
    AND NOT coalesce(other.inputs_deleted_at >= other.finished_at, false))`;

/** Whether another task is still to be aligned with the sound of this one. */
export async function isSoundNeeded(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ is_needed: boolean }>`
    SELECT ${isSoundNeededByOthers} AS is_needed FROM tasks WHERE id = ${id}`.execute(db);
  return rows[0]?.is_needed ?? false;
}

/** Writes the receipts for deleted sound and, when there is no more to do, closes the cleanup stage, in one statement. */
export async function noteCleanedUp(
  db: Db,
  { id, fence }: Fence,
  deletedPaths: readonly string[],
  isDone: boolean,
): Promise<void> {
  await sql`WITH receipts AS (
      UPDATE task_files SET deleted_at = now()
      WHERE task = ${id} AND kind = 'audio' AND deleted_at IS NULL AND path = ANY(${[...deletedPaths]})
    )
    UPDATE tasks SET stage = CASE WHEN ${isDone}::boolean THEN NULL ELSE stage END
    WHERE id = ${id} AND fence = ${fence} AND task_status = 'completed'`.execute(db);
}

export interface UncleanTask {
  readonly id: string;
  readonly task_id: string;
  readonly task_path: string;
  readonly fence: number;
  readonly paths: string[];
}

/**
 * Completed tasks whose sound is still there: their instance died before it had cleaned up, or could not. One that
 * was tried in vain is tried again when as much time has passed as until then.
 */
export async function findUncleaned(db: Db, olderThanSec: number, limit: number): Promise<UncleanTask[]> {
  const { rows } = await sql<UncleanTask>`
    SELECT tasks.id, tasks.task_id, tasks.task_path, tasks.fence,
           coalesce(array_agg(task_files.path) FILTER (WHERE task_files.path IS NOT NULL), '{}') AS paths
    FROM tasks LEFT JOIN task_files ON task_files.task = tasks.id
         AND task_files.kind = 'audio' AND task_files.deleted_at IS NULL
    WHERE tasks.task_status = 'completed' AND tasks.stage = 'cleanup'
      AND tasks.finished_at < now() - ${olderThanSec} * interval '1 second'
      AND tasks.updated_at + (tasks.updated_at - tasks.finished_at) < now()
      AND NOT ${isSoundNeededByOthers}
    GROUP BY tasks.id ORDER BY tasks.id LIMIT ${limit}`.execute(db);
  return rows;
}
