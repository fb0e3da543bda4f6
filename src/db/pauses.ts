import { sql } from 'kysely';
import type { Db } from './connect.ts';
import { listedNote, rowName } from './row-texts.ts';

/** A trigger notifies it after each change of `pauses`. */
export const PAUSES_CHANNEL = 'autophon_pauses';

/** The tasks that are not claimed: those of this engine, by this instance. */
export interface PausedPart {
  /** Null: all engines. */
  readonly engine: string | null;
  /** Null: all instances. */
  readonly instance: string | null;
}

export interface NewPause extends PausedPart {
  /** The instance ends when its tasks have ended. */
  readonly isDrain: boolean;
  readonly reason: string | null;
  readonly by: string;
}

export interface Pause extends PausedPart {
  readonly id: string;
  /** Machine of the instance; null: the pause is for all instances. */
  readonly host: string | null;
  readonly is_drain: boolean;
  readonly reason: string | null;
  readonly paused_by: string;
  readonly paused_at: Date;
}

/** The pauses of all instances, and those of single instances that still run. */
export async function listPauses(db: Db): Promise<Pause[]> {
  const { rows } = await sql<Pause>`
    SELECT id, engine, instance, host, is_drain, reason, paused_by, paused_at FROM current_pauses`.execute(
    db,
  );
  return rows;
}

/** The pauses that one instance must obey. */
export function listPausesOf(db: Db, instanceId: string) {
  return db
    .selectFrom('pauses')
    .select(['id', 'engine', 'instance', 'is_drain', 'reason', 'paused_by', 'paused_at'])
    .where((where) => where.or([where('instance', 'is', null), where('instance', '=', instanceId)]))
    .orderBy('id')
    .execute();
}

/** Adds pauses. A pause that exists already gets the new reason; a drain stays a drain. */
export async function addPauses(db: Db, pauses: readonly NewPause[]): Promise<void> {
  const rows = pauses.map(({ engine, instance, isDrain, reason, by }) => ({
    ...{ engine, instance, is_drain: isDrain },
    ...{ reason: reason === null ? null : listedNote(reason), paused_by: rowName(by) },
  }));
  if (rows.length === 0) return;
  await db
    .insertInto('pauses')
    .values(rows)
    .onConflict((conflict) =>
      conflict.expression(sql`coalesce(engine, ''), coalesce(instance, '')`).doUpdateSet({
        is_drain: sql<boolean>`pauses.is_drain OR excluded.is_drain`,
        reason: sql<string | null>`excluded.reason`,
        paused_by: sql<string>`excluded.paused_by`,
        paused_at: sql<Date>`now()`,
      }),
    )
    .execute();
}

/** @returns false: there was no such pause */
export async function removePause(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('pauses').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}
