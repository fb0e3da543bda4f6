import { sql } from 'kysely';
import { must } from '../base/must.ts';
import type { Db } from './connect.ts';

export interface Bucket {
  /** Start of the bucket. All buckets have the same length. */
  readonly at: Date;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
}

export interface FailureCount {
  readonly code: string;
  readonly count: number;
}

export interface Throughput {
  /** The oldest first. Buckets in which no task ended are included. */
  readonly buckets: readonly Bucket[];
  /** The most frequent first. */
  readonly failures: readonly FailureCount[];
}

/**
 * Counts the tasks that have ended recently.
 * @param bucketSec - length of a bucket; the last bucket contains the current moment
 */
export async function readThroughput(db: Db, bucketCount: number, bucketSec: number): Promise<Throughput> {
  const { rows } = await sql<{
    found: { buckets: (Omit<Bucket, 'at'> & { at: string })[] | null; failures: FailureCount[] | null };
  }>`
    WITH last AS (
      SELECT to_timestamp(floor(extract(epoch FROM now()) / ${bucketSec}::integer) * ${bucketSec}::integer) AS at
    ), ended AS MATERIALIZED (
      SELECT task_status, error_code,
             ceil(extract(epoch FROM (SELECT at FROM last) - finished_at) / ${bucketSec}::integer)::integer AS back
      FROM tasks
      WHERE task_status IN ('completed', 'failed', 'cancelled')
        AND finished_at >= (SELECT at FROM last) - (${bucketCount}::integer - 1) * ${bucketSec}::integer * interval '1 second'
    ), counted AS (
      SELECT back, count(*) FILTER (WHERE task_status = 'completed') AS completed,
             count(*) FILTER (WHERE task_status = 'failed') AS failed,
             count(*) FILTER (WHERE task_status = 'cancelled') AS cancelled
      FROM ended GROUP BY back
    ), failures AS (
      SELECT error_code AS code, count(*) AS count FROM ended WHERE task_status = 'failed' GROUP BY error_code
    )
    SELECT json_build_object(
      'buckets', (
        SELECT json_agg(json_build_object('at', (SELECT at FROM last) - back * ${bucketSec}::integer * interval '1 second',
                                          'completed', coalesce(completed, 0), 'failed', coalesce(failed, 0),
                                          'cancelled', coalesce(cancelled, 0)) ORDER BY back DESC)
        FROM generate_series(0, ${bucketCount}::integer - 1) AS back LEFT JOIN counted USING (back)),
      'failures', (SELECT json_agg(failures ORDER BY count DESC, code) FROM failures)) AS found`.execute(db);
  const { buckets, failures } = must(rows[0], 'the counts of ended tasks').found;
  return {
    buckets: (buckets ?? []).map((bucket) => ({ ...bucket, at: new Date(bucket.at) })),
    failures: failures ?? [],
  };
}
