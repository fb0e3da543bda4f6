import { sql } from 'kysely';
import { storableJson } from '../base/storable-text.ts';
import type { Db } from './connect.ts';
import { listedNote, rowName, rowNote } from './row-texts.ts';
import type { InstanceEngine } from './schema.ts';
import { isDatabaseAway } from './statement-fault.ts';

export interface InstanceRow {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly slots: number;
  readonly engines: Readonly<Record<string, InstanceEngine>>;
  /** Why it takes no new tasks; null: it takes tasks. */
  readonly paused: string | null;
  /** Whether it runs a command when a task has ended. If so, triggers make deliveries of the kind `command`. */
  readonly runs_done_command?: boolean;
}

export async function registerInstance(db: Db, instance: InstanceRow): Promise<void> {
  await db.insertInto('instances').values(toColumns(instance)).execute();
}

/** Writes that an instance is alive. If its row was deleted, it is written again. */
export async function noteInstanceAlive(db: Db, instance: InstanceRow, busy: number): Promise<void> {
  const columns = toColumns(instance);
  await db
    .insertInto('instances')
    .values({ ...columns, busy })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({
        seen_at: sql<Date>`now()`,
        busy,
        engines: columns.engines,
        paused: columns.paused,
        // If only the reason has changed, the instance has been paused since the first reason.
        paused_since: instance.paused === null ? null : sql<Date>`coalesce(instances.paused_since, now())`,
      }),
    )
    .execute()
    .catch(async (error: unknown) => {
      // The database refused one of the texts. Other instances must not take this one for dead because of it.
      if (!isDatabaseAway(error)) await touchInstance(db, instance.id, busy);
      throw error;
    });
}

async function touchInstance(db: Db, id: string, busy: number): Promise<void> {
  await db.updateTable('instances').set({ seen_at: sql<Date>`now()`, busy }).where('id', '=', id).execute();
}

function toColumns(instance: InstanceRow) {
  const { host, version, paused } = instance;
  const engines = Object.entries(instance.engines).map(([name, engine]) => [
    name,
    {
      ...engine,
      version: engine.version === null ? null : rowName(engine.version),
      note: listedNote(engine.note),
    },
  ]);
  return {
    ...instance,
    host: rowName(host),
    version: rowName(version),
    engines: storableJson(Object.fromEntries(engines)),
    paused: paused === null ? null : rowNote(paused),
    paused_since: paused === null ? null : sql<Date>`now()`,
  };
}

export async function noteInstanceStopped(db: Db, id: string): Promise<void> {
  await db
    .updateTable('instances')
    .set({ stopped_at: sql<Date>`now()`, busy: 0 })
    .where('id', '=', id)
    .execute();
}

/** An instance whose process has died, with the attempts that were running in it. */
export interface InstanceDeath {
  readonly instanceId: string;
  readonly attempts: readonly { readonly id: string; readonly claim: string }[];
}

/** Notes that instances have died: a process on the same machine saw that theirs is gone. Can be called again. */
export async function noteDeaths(db: Db, deaths: readonly InstanceDeath[]): Promise<void> {
  if (deaths.length === 0) return;
  const attempts = deaths.flatMap((death) => death.attempts);
  await sql`INSERT INTO attempt_deaths (task, claim)
    SELECT tasks.id, dead.claim
    FROM unnest(${attempts.map(({ id }) => id)}::bigint[], ${attempts.map(({ claim }) => claim)}::text[]) AS dead (id, claim)
      JOIN tasks ON tasks.id = dead.id
    ON CONFLICT DO NOTHING`.execute(db);
  await db
    .updateTable('instances')
    .set({ died_at: sql<Date>`now()`, busy: 0 })
    .where(
      'id',
      'in',
      deaths.map(({ instanceId }) => instanceId),
    )
    .where('died_at', 'is', null)
    .where('stopped_at', 'is', null)
    .execute();
}

/** Those of `ids` that have a row: instances that work on this database now, or did so in the last days. */
export async function findKnownInstances(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('instances')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return rows.map(({ id }) => id);
}

/** Those of `ids` that have shown no sign of life for so long, whether they were stopped or died. */
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

/** Deletes the rows of instances that have shown no sign of life for so long. */
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
