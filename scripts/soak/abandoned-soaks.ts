import { readFileSync } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stopEmbedded } from '../../src/db/embedded.ts';
import { unmountAllIn } from './mounts.ts';
import { findProcessesIn } from './processes.ts';

export const SOAK_DIR_PREFIX = 'autophon-soak-';
const OWNER_FILE = 'owner';
const POSTGRES_DIR = /^postgres(-\d+)?$/;

/** Writes down to which process a folder belongs, so that a later soak can tell whether that process still runs. */
export async function markOwner(dir: string): Promise<void> {
  await writeFile(path.join(dir, OWNER_FILE), describeProcess(process.pid) ?? '');
}

/** Removes what killed soaks have left: servers, workers, mounts and folders. @returns the folders */
export async function removeAbandonedSoaks(parentDir: string): Promise<string[]> {
  const removed: string[] = [];
  for (const name of await readdir(parentDir)) {
    const dir = path.join(parentDir, name);
    if (!name.startsWith(SOAK_DIR_PREFIX) || !(await isAbandoned(dir))) continue;
    await removeSoakDir(dir);
    removed.push(dir);
  }
  return removed;
}

/** Ends all processes that run in such a folder, unmounts what is mounted in it, and removes it. */
export async function removeSoakDir(dir: string): Promise<void> {
  const names = await readdir(dir).catch(() => []);
  for (const name of names.filter((one) => POSTGRES_DIR.test(one)))
    await stopEmbedded(path.join(dir, name)).catch(() => undefined);
  for (const { pid } of findProcessesIn(dir)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
  unmountAllIn(dir);
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

async function isAbandoned(dir: string): Promise<boolean> {
  const found = await stat(dir).catch(() => null);
  if (found === null || !found.isDirectory() || found.uid !== process.getuid?.()) return false;
  const owner = tryToRead(path.join(dir, OWNER_FILE));
  // A folder without this file is just being made, or is of an older version: it may be in use.
  if (owner === null || owner === '') return false;
  return describeProcess(Number(owner.split(' ')[0])) !== owner;
}

/** Number, start time and boot: no two processes have the same three. Null: there is no such process. */
function describeProcess(pid: number): string | null {
  const line = tryToRead(`/proc/${pid}/stat`);
  if (line === null) return null;
  const start = line.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  return `${pid} ${start} ${tryToRead('/proc/sys/kernel/random/boot_id')?.trim()}`;
}

function tryToRead(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
