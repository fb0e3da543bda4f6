import { sql } from 'kysely';
import { must } from '../base/must.ts';
import type { Db } from './connect.ts';

/** How many of the largest tasks are named. */
const LARGEST = 3;
/** How many drafts are searched for unfinished files. */
const MAX_DRAFTS = 1_000;

export interface UsedBy {
  readonly taskId: string;
  readonly name: string;
  readonly bytes: number;
}

/** The disk space of a user's files, as far as it is in the database. */
export interface UsageRow {
  readonly bytes: number;
  /** The tasks with the most bytes, the largest first. */
  readonly largest: readonly UsedBy[];
  /** Folders of drafts, relative to UPLOADS. */
  readonly draftPaths: readonly string[];
}

/** A completed task counts with its files that are not deleted; another task with all its inputs, until they are deleted. */
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
  return must(rows[0], 'the disk space of a user');
}
