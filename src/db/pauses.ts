import { sql } from 'kysely';
import type { Db } from './connect.ts';
import { listedNote, rowName } from './row-texts.ts';

/** Sent whenever the table of pauses changes. */
export const PAUSES_CHANNEL = 'autophon_pauses';

/** What workers do not take. */
export interface PausedPart {
  /** Null: all. */
  readonly engine: string | null;
  /** Id of a worker process; null: all. */
  readonly instance: string | null;
}

export interface NewPause extends PausedPart {
  /** The worker process ends when its tasks have ended. */
  readonly isDrain: boolean;
  readonly reason: string | null;
  readonly by: string;
}

export interface Pause extends PausedPart {
  readonly id: string;
  /** Machine of the instance. */
  readonly host: string | null;
  readonly is_drain: boolean;
  readonly reason: string | null;
  readonly paused_by: string;
  readonly paused_at: Date;
}

/** Those that concern workers which run. */
export async function listPauses(db: Db): Promise<Pause[]> {
  const { rows } = await sql<Pause>`
    SELECT id, engine, instance, host, is_drain, reason, paused_by, paused_at FROM current_pauses`.execute(
    db,
  );
  return rows;
}

/** Those that concern one worker. */
export function listPausesOf(db: Db, instanceId: string) {
  return db
    .selectFrom('pauses')
    .select(['id', 'engine', 'instance', 'is_drain', 'reason', 'paused_by', 'paused_at'])
    .where((where) => where.or([where('instance', 'is', null), where('instance', '=', instanceId)]))
    .orderBy('id')
    .execute();
}

/** Adds pauses. One that is there already gets the new reason; a drain stays a drain. */
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

/** @returns whether there was one */
export async function removePause(db: Db, id: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('pauses').where('id', '=', id).executeTakeFirst();
  return numDeletedRows === 1n;
}
