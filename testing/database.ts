import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { singleConnection } from '../src/db/connect.ts';
import { migrate } from '../src/db/migrate.ts';
import { installQueue } from '../src/queue/queue.ts';
import { findTestServer } from './test-server.ts';

export interface TestDatabase {
  readonly url: string;
  /** Closes connections that are still open. */
  drop(): Promise<void>;
}

const ROOT_DIR = path.resolve(import.meta.dirname, '..');

const TEMPLATE_PREFIX = 'autophon_template_';
const TEST_PREFIX = 'autophon_test_';
/** Files that decide the contents of the template. */
const TEMPLATE_SOURCES = ['migrations', 'src/db', 'src/queue', 'package-lock.json'];
/** Databases of test processes that were killed are removed after this time. */
const ABANDONED_SEC = 3600;
const LEASE_SEC = 50;
/** Any number that no other program locks. */
const LOCK_KEY = 2_718_281_828;
const NO_SUCH_DATABASE = '3D000';

/** A new, empty database. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const serverUrl = await findTestServer();
  const name = newName();
  await run(serverUrl, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  return toDatabase(serverUrl, name);
}

/**
 * A new database with all migrations applied: a copy of a template that is made once. Any number of test processes may
 * do this at the same time.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = await findTestServer();
  const name = newName();
  const template = TEMPLATE_PREFIX + (await hashSources());
  await ensureTemplate(serverUrl, template);
  await copyTemplate(serverUrl, template, name).catch(async (error: { code?: string }) => {
    // Another checkout that shares the server has just replaced our template by its own.
    if (error.code !== NO_SUCH_DATABASE) throw error;
    await ensureTemplate(serverUrl, template);
    await copyTemplate(serverUrl, template, name);
  });
  return toDatabase(serverUrl, name);
}

function newName(): string {
  return `${TEST_PREFIX}${Math.floor(Date.now() / 1000)}_${randomBytes(6).toString('hex')}`;
}

function toDatabase(serverUrl: string, name: string): TestDatabase {
  return {
    url: addressOf(serverUrl, name),
    drop: () => run(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function ensureTemplate(serverUrl: string, template: string): Promise<void> {
  const client = singleConnection(serverUrl, 'autophon tests');
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    const { rows } = await client.query<{ datname: string; datistemplate: boolean; connections: string }>(
      `SELECT datname, datistemplate, (SELECT count(*) FROM pg_stat_activity AS a WHERE a.datname = d.datname) AS connections
       FROM pg_database AS d WHERE datname LIKE ANY ($1)`,
      [[`${TEMPLATE_PREFIX}%`, `${TEST_PREFIX}%`]],
    );
    if (rows.some((row) => row.datname === template && row.datistemplate)) return;
    for (const { datname, datistemplate, connections } of rows) {
      if (!datname.startsWith(TEMPLATE_PREFIX) && (connections !== '0' || !isAbandoned(datname))) continue;
      if (datistemplate) await client.query(`ALTER DATABASE ${datname} IS_TEMPLATE false`);
      await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
    }
    await client.query(`CREATE DATABASE ${template}`);
    const templateUrl = addressOf(serverUrl, template);
    await migrate(templateUrl, () => installQueue(templateUrl, { leaseSec: LEASE_SEC }));
    // No session can connect to it now, so it can be copied at any time.
    await client.query(`ALTER DATABASE ${template} IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  } finally {
    await client.end();
  }
}

function isAbandoned(name: string): boolean {
  const createdSec = Number(name.slice(TEST_PREFIX.length).split('_')[0]);
  return Date.now() / 1000 - createdSec > ABANDONED_SEC;
}

async function copyTemplate(serverUrl: string, template: string, name: string): Promise<void> {
  await using client = await connectTo(serverUrl);
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  // Later versions write each page of a copy to their log, unless they are told not to. It takes four times as long.
  const strategy = (rows[0]?.version ?? 0) < 150_000 ? '' : ' STRATEGY file_copy';
  await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}${strategy}`);
}

async function run(serverUrl: string, statement: string): Promise<void> {
  await using client = await connectTo(serverUrl);
  await client.query(statement);
}

async function connectTo(serverUrl: string) {
  const client = singleConnection(serverUrl, 'autophon tests');
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

function addressOf(serverUrl: string, database: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of TEMPLATE_SOURCES) {
    for (const file of await listFiles(path.join(ROOT_DIR, source))) hash.update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 12);
}

async function listFiles(fileOrFolder: string): Promise<string[]> {
  const entries = await readdir(fileOrFolder, { withFileTypes: true }).catch(() => null);
  if (entries === null) return [fileOrFolder];
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(fileOrFolder, entry.name));
  return files.sort();
}
