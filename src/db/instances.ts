import { sql } from 'kysely';
import { storableJson } from '../base/storable-text.ts';
import type { Db } from './connect.ts';
import type { InstanceEngine } from './schema.ts';

export interface InstanceRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly slots: number;
  readonly engines: Readonly<Record<string, InstanceEngine>>;
  /** Why it takes no new tasks; null: it does. */
  readonly paused: string | null;
}

export async function registerInstance(db: Db, instance: InstanceRow): Promise<void> {
  await db.insertInto('instances').values(toColumns(instance)).execute();
}

/** The sign of life of an instance; puts the row back, should someone have removed it. */
export async function noteInstanceAlive(db: Db, instance: InstanceRow, busy: number): Promise<void> {
  await db
    .insertInto('instances')
    .values({ ...toColumns(instance), busy })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        seen_at: sql<Date>`now()`,
        busy,
        engines: storableJson(instance.engines),
        paused: instance.paused,
        // It may be short of something else by now: it has been paused all the while.
        paused_since: instance.paused === null ? null : sql<Date>`coalesce(instances.paused_since, now())`,
      }),
    )
    .execute();
}

function toColumns(instance: InstanceRow) {
  const paused_since = instance.paused === null ? null : sql<Date>`now()`;
  return { ...instance, engines: storableJson(instance.engines), paused_since };
}

export async function noteInstanceStopped(db: Db, id: string): Promise<void> {
  await db
    .updateTable('instances')
    .set({ stopped_at: sql<Date>`now()`, busy: 0 })
    .where('id', '=', id)
    .execute();
}

/** Notes that processes of instances are gone which had not signed off: whoever says so has looked on their machine. */
export async function noteInstancesDied(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('instances')
    .set({ died_at: sql<Date>`now()`, busy: 0 })
    .where('id', 'in', [...ids])
    .where('died_at', 'is', null)
    .where('stopped_at', 'is', null)
    .execute();
}

/** Those of some instances that have not been heard of for so long, whether they signed off or not. */
export async function findGoneInstances(
  db: Db,
  ids: readonly string[],
  silentForHours: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('instances')
    .select('id')
    .where('id', 'in', [...ids])
    .where('seen_at', '<', sql<Date>`now() - ${silentForHours} * interval '1 hour'`)
    .execute();
  return rows.map(({ id }) => id);
}

/** Rows of instances that have been gone for a while: history nobody asks for. */
export async function forgetOldInstances(db: Db, olderThanDays: number): Promise<void> {
  await db
    .deleteFrom('instances')
    .where('seen_at', '<', sql<Date>`now() - ${olderThanDays} * interval '1 day'`)
    .execute();
}

export function listActiveInstances(db: Db) {
  return db
    .selectFrom('instances')
    .select([
      'id',
      'host',
      'pid',
      'version',
      'started_at',
      'seen_at',
      'slots',
      'busy',
      'engines',
      'paused',
      'paused_since',
    ])
    .where('stopped_at', 'is', null)
    .where('seen_at', '>', sql<Date>`now() - interval '30 seconds'`)
    .orderBy('started_at')
    .execute();
}
