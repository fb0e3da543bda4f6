import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** How many of the largest tasks are named. */
const LARGEST = 3;
/** Drafts whose unfinished files are looked at. */
const MAX_DRAFTS = 1_000;

export interface UsedBy {
  readonly taskId: string;
  readonly name: string;
  readonly bytes: number;
}

/** What the files of a user take, as far as rows tell. */
export interface UsageRow {
  readonly bytes: number;
  /** The largest first. */
  readonly largest: readonly UsedBy[];
  /** Folders of tasks whose files are being sent, relative to UPLOADS. */
  readonly draftPaths: readonly string[];
}

/** Of a completed task the files that are still there count; of others all that were given, until they are removed. */
export async function readUsage(db: Db, user: string): Promise<UsageRow> {
  const { rows } = await sql<UsageRow>`
    WITH used AS MATERIALIZED (
      SELECT task_id, task_path, task_status, coalesce(name, task_id) AS name,
        CASE
          WHEN task_status = 'completed' THEN (
            SELECT coalesce(sum(bytes), 0) FROM task_files WHERE task = tasks.id AND deleted_at IS NULL)
          WHEN inputs_deleted_at >= coalesce(finished_at, inputs_deleted_at) THEN 0
          ELSE coalesce(size_bytes, 0)
        END AS bytes
      FROM tasks WHERE user_uuid = ${user} AND task_status <> 'expired'
    )
    SELECT (SELECT coalesce(sum(bytes), 0)::float8 FROM used) AS bytes,
      (SELECT coalesce(json_agg(json_build_object('taskId', task_id, 'name', name, 'bytes', bytes)), '[]')
       FROM (SELECT * FROM used WHERE bytes > 0 ORDER BY bytes DESC LIMIT ${LARGEST}) AS largest) AS largest,
      ARRAY(SELECT task_path FROM used WHERE task_status = 'uploading' AND task_path IS NOT NULL
            LIMIT ${MAX_DRAFTS}) AS "draftPaths"`.execute(db);
  return rows[0] ?? { bytes: 0, largest: [], draftPaths: [] };
}
