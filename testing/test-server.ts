import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { type Connected, listConnected } from '../src/db/embedded/connected.ts';
import { takeStartLock } from '../src/db/embedded/start-lock.ts';
import { embeddedStatus, startEmbedded, stopEmbedded } from '../src/db/embedded.ts';
import { readFreeMemory } from '../src/host/free-memory.ts';

const ROOT_DIR = path.resolve(import.meta.dirname, '..');
/** Data of the embedded server that the test processes of this checkout share, where memory cannot hold them. */
const ON_DISK = path.join(ROOT_DIR, '.data/test-postgres');
/** On a disk, the 300 files of a database may take the kernel ten times as long to make and remove as in memory. */
const MEMORY = '/dev/shm';
const USER_ID = process.getuid?.() ?? 0;
const CHECKOUT = createHash('sha256').update(ROOT_DIR).digest('hex').slice(0, 12);
const MEMORY_DIR = path.join(MEMORY, `autophon-tests-${USER_ID}-${CHECKOUT}`);
const IN_MEMORY = path.join(MEMORY_DIR, 'postgres');
/** The databases of a run take about a quarter of it at a time. */
const NEEDED_BYTES = 4 * 1024 ** 3;

/**
 * A power failure may destroy its data, which nobody needs. The suite is faster this way. A vacuum that begins by itself in
 * the middle of a test would change what the test counts, and the plans of its statements.
 */
const SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' };

/**
 * Address of the server on which tests make their databases: that of TEST_DATABASE_URL or DATABASE_URL if one is set,
 * otherwise an embedded one. It goes on running after the process; `make test` and `make db-stop` stop it.
 */
export async function findTestServer(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'];
  if (given) return given;
  const log = (line: string) => console.error(line);
  // A run that ends meanwhile would remove the data of the server that starts.
  await using _turn = await takeStartLock(MEMORY_DIR);
  return (await startEmbedded({ dataDir: await chooseDataDir(), settings: SETTINGS, log })).url;
}

interface Stopped {
  readonly state: 'stopped' | 'was not running' | 'in use';
  /** Who uses it. */
  readonly clients: readonly Connected[];
}

/** Stops the embedded server of the tests, unless another run is using it. What it had in memory is removed. */
export async function stopTestServer(): Promise<Stopped> {
  await using _turn = await takeStartLock(MEMORY_DIR);
  // Which of the two it is depends on the memory that was free at its start.
  const inMemory = await stopServer(IN_MEMORY);
  const onDisk = await stopServer(ON_DISK);
  if (inMemory.state !== 'in use') await rm(MEMORY_DIR, { recursive: true, force: true });
  const both = [inMemory, onDisk];
  return (
    both.find(({ state }) => state === 'in use') ?? both.find(({ state }) => state === 'stopped') ?? onDisk
  );
}

async function stopServer(dataDir: string): Promise<Stopped> {
  if ((await embeddedStatus(dataDir)).server === null) return { state: 'was not running', clients: [] };
  // It may be starting. Then it is waited for.
  const { url } = await startEmbedded({ dataDir, settings: SETTINGS });
  const clients = await listConnected(url);
  if (clients.length > 0) return { state: 'in use', clients };
  return { state: (await stopEmbedded(dataDir)) ? 'stopped' : 'was not running', clients };
}

async function chooseDataDir(): Promise<string> {
  if (await isOwnFolder()) return IN_MEMORY;
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  const freeBytes = Math.min(bavail * bsize, (await readFreeMemory()) ?? 0);
  if (!fitsInMemory(await readFile('/proc/mounts', 'utf8').catch(() => ''), freeBytes)) return ON_DISK;
  await mkdir(MEMORY_DIR).catch(() => undefined);
  if (!(await isOwnFolder())) return ON_DISK;
  // Started by root, the server runs as another user, whatever files this user lets others read.
  await chmod(MEMORY_DIR, 0o755);
  return IN_MEMORY;
}

/** Every user may make folders there. */
async function isOwnFolder(): Promise<boolean> {
  const found = await lstat(MEMORY_DIR).catch(() => null);
  return found?.isDirectory() === true && found.uid === USER_ID;
}

/**
 * Whether the databases of a run can be kept in memory.
 * @param mounts - the contents of /proc/mounts
 */
export function fitsInMemory(mounts: string, freeBytes: number): boolean {
  const options = new RegExp(`^\\S+ ${MEMORY} tmpfs (\\S+)`, 'm').exec(mounts)?.[1];
  // A copy of Postgres's programs may have to lie beside the data.
  return options !== undefined && !options.split(',').includes('noexec') && freeBytes >= NEEDED_BYTES;
}
