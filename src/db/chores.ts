import { sql } from 'kysely';
import { limitText } from '../base/storable-text.ts';
import type { Db } from './connect.ts';

const MAX_ERROR_CHARS = 1_000;

/** Takes a chore if it is due, so that no other instance runs it now. @returns false: it ran a short time ago */
export async function takeChore(db: Db, name: string, everySec: number, instance: string): Promise<boolean> {
  // Instances ask at different moments: a chore that ran less than half an interval ago is not due.
  const { rows } = await sql`
    INSERT INTO chores (name, run_at, every_sec, instance) VALUES (${name}, now(), ${Math.ceil(everySec)}, ${instance})
    ON CONFLICT (name) DO UPDATE SET run_at = now(), every_sec = excluded.every_sec, instance = excluded.instance
      WHERE chores.run_at <= now() - ${everySec / 2} * interval '1 second'
    RETURNING name`.execute(db);
  return rows.length === 1;
}

/** Writes how a chore ended. @param error - null: it succeeded */
export async function noteChore(
  db: Db,
  { name, everySec }: { readonly name: string; readonly everySec: number },
  instance: string,
  seconds: number,
  error: string | null,
): Promise<void> {
  const text = error === null ? null : limitText(error, MAX_ERROR_CHARS);
  await sql`
    INSERT INTO chores AS known (name, run_at, every_sec, succeeded_at, seconds, failed_at, error, instance)
    VALUES (${name}, now(), ${Math.ceil(everySec)}, CASE WHEN ${text}::text IS NULL THEN now() END, ${seconds},
            CASE WHEN ${text}::text IS NOT NULL THEN now() END, ${text}, ${instance})
    ON CONFLICT (name) DO UPDATE SET every_sec = excluded.every_sec, instance = excluded.instance,
      succeeded_at = coalesce(excluded.succeeded_at, known.succeeded_at),
      seconds = CASE WHEN excluded.error IS NULL THEN excluded.seconds ELSE known.seconds END,
      failed_at = coalesce(excluded.failed_at, known.failed_at),
      error = coalesce(excluded.error, known.error)`.execute(db);
}

export interface ChoreHealth {
  readonly name: string;
  readonly succeeded_at: Date | null;
  readonly failed_at: Date | null;
  readonly error: string | null;
  readonly is_late: boolean;
}

export async function listChores(db: Db): Promise<ChoreHealth[]> {
  const { rows } = await sql<ChoreHealth>`
    SELECT name, succeeded_at, failed_at, error, is_late FROM chore_health`.execute(db);
  return rows;
}
