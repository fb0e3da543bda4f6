import { sql } from 'kysely';
import type { Db } from './connect.ts';

export interface Bucket {
  /** Its beginning; it lasts as long as all others. */
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
  /** Oldest first, also those in which nothing ended. */
  readonly buckets: readonly Bucket[];
  /** The most frequent first. */
  readonly failures: readonly FailureCount[];
}

/**
 * Tasks that have ended recently.
 * @param bucketSec - the last bucket has not ended yet
 */
export async function readThroughput(db: Db, bucketCount: number, bucketSec: number): Promise<Throughput> {
  const { rows } = await sql<{
    found: { buckets: (Omit<Bucket, 'at'> & { at: string })[] | null; failures: FailureCount[] | null };
  }>`
    WITH last AS (
      SELECT to_timestamp(floor(extract(epoch FROM now()) / ${bucketSec}::integer) * ${bucketSec}::integer) AS at
    ), ended AS MATERIALIZED (
      SELECT task_status, error_code,
             floor(extract(epoch FROM (SELECT at FROM last) - finished_at) / ${bucketSec}::integer)::integer + 1 AS back
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
  const { buckets, failures } = rows[0]?.found ?? { buckets: null, failures: null };
  return {
    buckets: (buckets ?? []).map((bucket) => ({ ...bucket, at: new Date(bucket.at) })),
    failures: failures ?? [],
  };
}
