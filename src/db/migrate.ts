import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { messageOf, TaskError } from '../base/errors.ts';
import { assertUtf8, singleConnection } from './connect.ts';
import { endConnection } from './connection-limits.ts';
import { limitTries, MIGRATE_NAME, retryForLocks } from './lock-retries.ts';
import { FORBIDDEN_FIX, isForbidden, isRowHeld } from './statement-fault.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '../..');
const MIGRATIONS_DIR = path.join(ROOT_DIR, 'migrations');
/** Functions of the queue: the file may change, and runs again then. Its first line gives its version. */
const QUEUE_FILE = path.join(ROOT_DIR, 'src/queue/queue.sql');
const QUEUE_VERSION_LINE = /^-- Version (\d+)$/m;
/** What has run is written down as `queue.sql@7`; databases from before the file had versions have `queue.sql`. */
const QUEUE_NAME = /^queue\.sql(?:@(\d+))?$/;
/**
 * Which earlier programs go on working after a migration, or after a change of QUEUE_FILE: a line of its text. Without one,
 * earlier programs refuse the database.
 */
const WORKS_WITH_LINE = /^-- Works with (?:programs that have |version )(\d+) or later\.$/m;
/** Any number that no other program locks: two instances that start together migrate one after the other. */
const LOCK_KEY = 7_041_726_519;
/** A look at the list of migrations takes no time; it is not to wait for ever on a dead connection. */
const LOOK_TIMEOUT_MS = 30_000;

interface Migration {
  /** Its name in the database: another version of the program refuses a name that it does not know. */
  readonly name: string;
  /** Where it is, as people know it. */
  readonly file: string;
  readonly sql: string;
  readonly checksum: string;
  /** Number of the earliest migration, or of QUEUE_FILE the earliest version, that is enough for a program; null: this one. */
  readonly worksWith: number | null;
  /** Its statements can run again, and do so when the file has changed. */
  readonly isRepeatable: boolean;
}

export interface MigrationReport {
  /** Names of the files that ran now, in order. */
  readonly applied: readonly string[];
  readonly total: number;
  /** What a newer version of the program has run, which works with this one. */
  readonly newer: readonly string[];
}

export interface MigrateOptions {
  /** How long to wait for each lock that another migration or an open transaction holds. */
  readonly lockLimitMs?: number;
  /** Told which lock the migration waits for, and which session holds it. */
  readonly onWait?: (text: string) => void;
}

const LOCK_LIMIT_MS = 60_000;

/**
 * Brings the database up to date: first the queue's own schema, then the files of migrations/ in order, then the functions
 * of the queue if they have changed; each in a transaction of its own, all under one advisory lock.
 * @param installQueue - creates or updates the queue's schema; called under the lock
 * @throws TaskError E_DATABASE when a file that already ran was changed, or is missing here or older here and does not work
 *   with this version, before anything is changed; when one fails, or when a lock that it needs is held by others for too long
 */
export async function migrate(
  url: string,
  installQueue: () => Promise<void>,
  { lockLimitMs = LOCK_LIMIT_MS, onWait = () => undefined }: MigrateOptions = {},
): Promise<MigrationReport> {
  const retries = { url, limitMs: lockLimitMs, onWait };
  const client = singleConnection(url, MIGRATE_NAME);
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; encoding: string }>(
      "SELECT current_database() AS name, current_setting('server_encoding') AS encoding",
    );
    for (const { name, encoding } of rows) assertUtf8(name, encoding);
    await limitTries(client);
    const takeLock = () => client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await retryForLocks('the migration', takeLock, retries);
    const migrations = await readMigrations();
    const { pending, newer } = await compare(client, migrations);
    await retryForLocks('the installation of the queue', installQueue, retries);
    await client.query(`CREATE TABLE IF NOT EXISTS public.schema_migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), works_with integer)`);
    await retryForLocks('schema_migrations', () => addWorksWith(client), retries);
    for (const migration of pending) {
      await retryForLocks(migration.file, () => apply(client, migration), retries);
    }
    return { applied: pending.map(({ name }) => name), total: migrations.length, newer };
  } finally {
    // Ending the session gives the lock back, also after an error.
    await endConnection(client);
  }
}

/** Names of the migrations that the database has not run, without changing anything. */
export async function findPendingMigrations(url: string): Promise<string[]> {
  const client = singleConnection(url, MIGRATE_NAME, LOOK_TIMEOUT_MS);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await compare(client, await readMigrations())).pending.map(({ name }) => name);
  } finally {
    await endConnection(client);
  }
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(MIGRATIONS_DIR)).filter((name) => /^\d{4}_\w+\.sql$/.test(name)).sort();
  return Promise.all([
    ...names.map((name) => readMigration(path.join(MIGRATIONS_DIR, name), false)),
    readMigration(QUEUE_FILE, true),
  ]);
}

async function readMigration(place: string, isRepeatable: boolean): Promise<Migration> {
  const sql = await readFile(place, 'utf8');
  const name = path.basename(place);
  return {
    name: isRepeatable ? `${name}@${QUEUE_VERSION_LINE.exec(sql)?.[1] ?? 0}` : name,
    file: path.relative(ROOT_DIR, place),
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    worksWith: numberIn(WORKS_WITH_LINE, sql),
    isRepeatable,
  };
}

/** A database from before `works_with` gets the column. */
async function addWorksWith(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    `SELECT FROM pg_attribute WHERE attrelid = 'public.schema_migrations'::regclass AND attname = 'works_with'`,
  );
  if (rows.length === 0)
    await client.query('ALTER TABLE public.schema_migrations ADD COLUMN works_with integer');
}

interface Comparison {
  readonly pending: readonly Migration[];
  readonly newer: readonly string[];
}

/** What the database lacks, and what it has from newer versions. Changes nothing. */
async function compare(client: pg.Client, migrations: readonly Migration[]): Promise<Comparison> {
  const applied = await readApplied(client);
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const queueVersion = Math.max(...migrations.map(({ name }) => queueVersionOf(name) ?? 0));
  const lastNumber = Math.max(...migrations.map(({ name }) => numberIn(/^(\d{4})_/, name) ?? 0));
  const newer = [...applied.keys()].filter(
    (name) => !known.has(name) && (queueVersionOf(name) ?? Number.POSITIVE_INFINITY) > queueVersion,
  );
  const refused = newer.filter((name) => {
    const has = queueVersionOf(name) === null ? lastNumber : queueVersion;
    return has < (applied.get(name)?.worksWith ?? Number.POSITIVE_INFINITY);
  });
  if (refused.length > 0) {
    throw new TaskError(
      'E_DATABASE',
      `the database has run ${refused.join(', ')}, which the version in ${ROOT_DIR} does not have: a newer version has ` +
        'migrated it, and this one is too old for it. Use that version or a newer one, or name another database in DATABASE_URL.',
    );
  }
  for (const [name, { checksum }] of applied) {
    const migration = known.get(name);
    if (migration === undefined || migration.isRepeatable || migration.checksum === checksum) continue;
    throw new TaskError(
      'E_DATABASE',
      `${migration.file} was changed after it ran (checksum ${checksum.slice(0, 12)} expected, ` +
        `${migration.checksum.slice(0, 12)} found). Restore the file and put the change into a new one.`,
    );
  }
  // Functions of an earlier version would take the place of those that newer programs need.
  const hasNewerQueue = newer.some((name) => queueVersionOf(name) !== null);
  const pending = migrations.filter(
    ({ name, checksum, isRepeatable }) =>
      applied.get(name)?.checksum !== checksum && !(isRepeatable && hasNewerQueue),
  );
  return { pending, newer };
}

interface Applied {
  readonly checksum: string;
  readonly worksWith: number | null;
}

/** What has run, by name. */
async function readApplied(client: pg.Client): Promise<Map<string, Applied>> {
  const { rows: tables } = await client.query("SELECT to_regclass('public.schema_migrations') AS found");
  if (tables[0]?.found === null) return new Map();
  // A database from before `works_with` has no such column.
  const { rows } = await client.query<{ name: string } & Applied>(
    `SELECT name, checksum, (to_jsonb(migration) ->> 'works_with')::integer AS "worksWith"
     FROM public.schema_migrations AS migration ORDER BY name`,
  );
  return new Map(rows.map(({ name, ...applied }) => [name, applied]));
}

/** @returns null for another file */
function queueVersionOf(name: string): number | null {
  const found = QUEUE_NAME.exec(name);
  return found === null ? null : Number(found[1] ?? 0);
}

/** @returns null: the text has none */
function numberIn(pattern: RegExp, text: string): number | null {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    // Functions that run with their owner's rights keep this path: no user can put a table of their own in place of
    // ours.
    await client.query('SET LOCAL search_path = public, pg_temp');
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO public.schema_migrations (name, checksum, works_with) VALUES ($1, $2, $3)
       ON CONFLICT (name) DO UPDATE
         SET checksum = excluded.checksum, works_with = excluded.works_with, applied_at = now()`,
      [migration.name, migration.checksum, migration.worksWith],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (isRowHeld(error)) throw error;
    const message = isForbidden(error) ? `${error.message}. ${FORBIDDEN_FIX}` : messageOf(error);
    throw new TaskError('E_DATABASE', `${migration.file} failed, nothing of it was kept: ${message}`, {
      cause: error,
    });
  }
}
