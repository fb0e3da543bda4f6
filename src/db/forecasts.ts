import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** The estimate for a task that waits or runs. Null: not known, or the task is running. */
export interface Forecast {
  readonly task_id: string;
  /** Tasks that are taken before it, counted up to MAX_AHEAD. */
  readonly ahead: number | null;
  /** Until it may start at all; 0: it may start now. */
  readonly delay_sec: number | null;
  /** Until a worker takes it. */
  readonly start_sec: number | null;
  /** Until its end. */
  readonly left_sec: number | null;
  /** Nine of ten such tasks end before. */
  readonly left_90_sec: number | null;
}

/** Of some tasks those that are open, by task_id. */
export async function readForecasts(
  db: Db,
  taskIds: readonly string[],
): Promise<ReadonlyMap<string, Forecast>> {
  if (taskIds.length === 0) return new Map();
  const { rows } = await sql<Forecast>`
    SELECT task_id, ahead, delay_sec, start_sec, left_sec, left_90_sec FROM forecast_tasks(${[...taskIds]})`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.task_id, row]));
}

/** Learns from the tasks that were completed last how long tasks take. */
export async function learnTimes(db: Db): Promise<void> {
  await sql`SELECT learn_times()`.execute(db);
}
