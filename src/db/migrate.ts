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
/** The functions of the queue. This file may be changed, and then runs again. Its first line has its version. */
const QUEUE_FILE = path.join(ROOT_DIR, 'src/queue/queue.sql');
const QUEUE_VERSION_LINE = /^-- Version (\d+)$/m;
/** Its name in the database: `queue.sql@7`. Databases from before it had versions have `queue.sql`. */
const QUEUE_NAME = /^queue\.sql(?:@(\d+))?$/;
/**
 * The line that tells which earlier programs go on working after a migration or a change of QUEUE_FILE. Without such a line,
 * earlier programs refuse the database.
 */
const WORKS_WITH_LINE = /^-- Works with (?:programs that have |version )(\d+) or later\.$/m;
/** The advisory lock of a migration, so that only one program migrates at a time. The number is arbitrary. */
const LOCK_KEY = 7_041_726_519;
/** How long reading the list of migrations may take: a dead connection would never answer. */
const LOOK_TIMEOUT_MS = 30_000;

interface Migration {
  /** Its name in the database. */
  readonly name: string;
  /** Path from the root of the project. */
  readonly file: string;
  readonly sql: string;
  /** SHA-256 of the file, in hex. */
  readonly checksum: string;
  /**
   * Programs that have this migration (or, for QUEUE_FILE, this version) or a later one go on working; null: only programs that
   * have this file itself.
   */
  readonly worksWith: number | null;
  /** Whether it runs again when the file has changed. */
  readonly isRepeatable: boolean;
}

export interface MigrationReport {
  /** Names of the migrations that ran now, in order. */
  readonly applied: readonly string[];
  readonly total: number;
  /** Names of migrations that a newer version of the program has run, and that work with this one. */
  readonly newer: readonly string[];
}

export interface MigrateOptions {
  /** How long to wait for each lock that another migration or an open transaction holds. */
  readonly lockLimitMs?: number;
  /** Gets a line about what the migration waits for, and which sessions hold it. */
  readonly onWait?: (text: string) => void;
}

const LOCK_LIMIT_MS = 60_000;

/**
 * Brings the database up to date: first the schema of pg-boss, then the files of migrations/ in order, then the functions of the
 * queue if they have changed. Each runs in a transaction of its own, all under one advisory lock.
 * @param installQueue - creates or updates the schema of pg-boss; called under the lock
 * @throws TaskError E_DATABASE, before anything is changed, when a migration that ran was edited since, or a newer program has
 *   run one with which this program does not work; later, when a migration fails or does not get a lock in time
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
    // The end of the session releases the lock, also after an error.
    await endConnection(client);
  }
}

/** Names of the migrations that the database has not run. Changes nothing. @throws as `migrate` before anything is changed */
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

/** Adds the column `works_with` if the database is older than it. */
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

/** Finds the migrations that the database lacks, and those that newer programs have run. Changes nothing. */
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
        'migrated it, and this one is too old for it. Use the newer version, or name another database in DATABASE_URL.',
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
  // Our functions would replace those that newer programs need.
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

/** The migrations that the database has run, by name. */
async function readApplied(client: pg.Client): Promise<Map<string, Applied>> {
  const { rows: tables } = await client.query("SELECT to_regclass('public.schema_migrations') AS found");
  if (tables[0]?.found === null) return new Map();
  // An older database has no column `works_with`; in JSON it is null then.
  const { rows } = await client.query<{ name: string } & Applied>(
    `SELECT name, checksum, (to_jsonb(migration) ->> 'works_with')::integer AS "worksWith"
     FROM public.schema_migrations AS migration ORDER BY name`,
  );
  return new Map(rows.map(({ name, ...applied }) => [name, applied]));
}

/** The version in a name such as `queue.sql@7`; null: the name of another file. */
function queueVersionOf(name: string): number | null {
  const found = QUEUE_NAME.exec(name);
  return found === null ? null : Number(found[1] ?? 0);
}

/** The number that the first group of a pattern finds in a text; null: it does not match. */
function numberIn(pattern: RegExp, text: string): number | null {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('BEGIN');
    // Functions that run with their owner's rights keep this search path: no user can replace our tables by their own.
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
