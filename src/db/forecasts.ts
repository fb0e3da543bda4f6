import { sql } from 'kysely';
import type { Db } from './connect.ts';

/** The estimate for a task that waits or runs. A value is null if it is not known or does not apply to a running task. */
export interface Forecast {
  readonly task_id: string;
  /** How many tasks are taken before it, counted up to MAX_AHEAD. */
  readonly ahead: number | null;
  /** Time until it may start; 0: it may start now. */
  readonly delay_sec: number | null;
  /** Time until a worker takes it. */
  readonly start_sec: number | null;
  /** Time until it ends. */
  readonly left_sec: number | null;
  /** Nine of ten such tasks end within this time. */
  readonly left_90_sec: number | null;
}

/** The forecasts of those tasks that wait or run, by task_id. */
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

/** Learns from the newest completed tasks how long tasks take. */
export async function learnTimes(db: Db): Promise<void> {
  await sql`SELECT learn_times()`.execute(db);
}
