import { randomUUID } from 'node:crypto';
import { mkdir, readdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { endProcessesOf, isUnmarked, ownerState } from '../base/owner-proof.ts';
import type { InstanceDeath } from '../db/instances.ts';
import { assertPrivate, NEW_PREFIX, privateDirOf, readDeath, removeInstanceDir } from '../host/workspace.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Making and marking a folder takes milliseconds. */
const NEW_LIMIT_MS = 3_600_000;
/** Longer than any attempt: the mark of a living instance may have been deleted. */
const UNMARKED_LIMIT_MS = 30 * 86_400_000;
/** The workers of its own database do this within seconds, if there are any. */
const STRANGER_LIMIT_MS = 86_400_000;

export interface Registry {
  /** Which of these instances work on this database. Others may share TEMP_DIR: it is the same for all of a user by default. */
  findOwn(instanceIds: readonly string[]): Promise<readonly string[]>;
  /** Called before the folders are removed, because they are the proof. */
  noteDied(deaths: readonly InstanceDeath[]): Promise<void>;
  /** Which of these instances have been silent for so long that they will not come back. */
  findGone(instanceIds: readonly string[]): Promise<readonly string[]>;
}

const NO_REGISTRY: Registry = {
  findOwn: async (ids) => ids,
  noteDied: async () => undefined,
  findGone: async () => [],
};

/**
 * Removes the folders of dead worker processes, and first ends what still runs in them: an engine whose
 * worker was killed before the kernel knew that they belong together. A folder whose owner cannot be judged from here
 * (another machine or PID namespace that shares TEMP_DIR) stays until the registry says that its instance is gone;
 * nothing is ended in it. One of another database, with an attempt in it, is the proof there that a task was killed with
 * its worker: it stays for a day.
 * @returns ids of the instances of this database that were proven dead
 */
export async function removeOrphanedWorkspaces(
  tempDir: string,
  registry: Registry = NO_REGISTRY,
): Promise<string[]> {
  const privateDir = privateDirOf(tempDir);
  const names = await listFolders(privateDir);
  if (names === null) return [];
  await assertPrivate(privateDir);
  const dead: string[] = [];
  const unknown: string[] = [];
  const begun: string[] = [];
  for (const name of names) {
    if (name.startsWith(NEW_PREFIX)) {
      if (UUID.test(name.slice(NEW_PREFIX.length))) begun.push(name);
      continue;
    }
    const state = await ownerState(path.join(privateDir, name));
    if (state === 'dead') dead.push(name);
    else if (state === 'unknown' && UUID.test(name)) unknown.push(name);
  }
  const faults = new Faults();
  const own = new Set(dead.length === 0 ? [] : await registry.findOwn(dead));
  if (own.size > 0) await faults.collect(() => endInstances(privateDir, [...own], registry, faults));
  const foreign = dead.filter((id) => !own.has(id));
  if (unknown.length > 0) await faults.collect(() => removeGone(privateDir, unknown, registry, faults));
  await faults.collect(() => removeOld(privateDir, { begun, unknown, foreign }, faults));
  faults.throwFirst();
  return [...own];
}

async function endInstances(
  privateDir: string,
  ids: readonly string[],
  registry: Registry,
  faults: Faults,
): Promise<void> {
  await registry.noteDied(await Promise.all(ids.map((id) => readDeath(path.join(privateDir, id)))));
  for (const id of ids) await faults.collect(() => endInstance(path.join(privateDir, id)));
}

async function endInstance(dir: string): Promise<void> {
  await endProcessesOf(await realpath(dir));
  await removeInstanceDir(dir);
}

async function removeGone(
  privateDir: string,
  ids: readonly string[],
  registry: Registry,
  faults: Faults,
): Promise<void> {
  const gone = new Set(await registry.findGone(ids));
  for (const id of ids.filter((one) => gone.has(one)))
    await faults.collect(() => removeInstanceDir(path.join(privateDir, id)));
}

/**
 * Folders that an instance could not mark or rename, since the disk was full or the instance died first; and those of dead
 * instances that no worker of their own database has removed.
 */
async function removeOld(
  privateDir: string,
  folders: Readonly<Record<'begun' | 'unknown' | 'foreign', readonly string[]>>,
  faults: Faults,
): Promise<void> {
  const { begun, unknown, foreign } = folders;
  if (begun.length + unknown.length + foreign.length === 0) return;
  const nowMs = await readClock(privateDir);
  const isOlder = async (dir: string, limitMs: number) => nowMs - (await stat(dir)).mtimeMs > limitMs;
  for (const name of begun) {
    await faults.collect(async () => {
      const dir = path.join(privateDir, name);
      const state = await ownerState(dir);
      if (state === 'dead' || (state === 'unknown' && (await isOlder(dir, NEW_LIMIT_MS)))) await remove(dir);
    });
  }
  for (const name of foreign) {
    await faults.collect(async () => {
      const dir = path.join(privateDir, name);
      const { attempts } = await readDeath(dir);
      if (attempts.length === 0 || (await isOlder(dir, STRANGER_LIMIT_MS))) await endInstance(dir);
    });
  }
  for (const name of unknown) {
    await faults.collect(async () => {
      const dir = path.join(privateDir, name);
      if ((await isUnmarked(dir)) && (await isOlder(dir, UNMARKED_LIMIT_MS))) await remove(dir);
    });
  }
}

/** The time by the clock of the file system, which may differ from that of this machine. */
async function readClock(privateDir: string): Promise<number> {
  const probe = path.join(privateDir, `${NEW_PREFIX}${randomUUID()}`);
  await mkdir(probe, { mode: 0o700 });
  try {
    return (await stat(probe)).mtimeMs;
  } finally {
    await rmdir(probe);
  }
}

/** @returns null when there is no private folder yet */
async function listFolders(privateDir: string): Promise<string[] | null> {
  try {
    const entries = await readdir(privateDir, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function remove(dir: string): Promise<void> {
  return rm(dir, { recursive: true, force: true, maxRetries: 3 });
}

/** A folder that cannot be removed must not stop the removal of the others. */
class Faults {
  readonly #all: unknown[] = [];

  async collect(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      // Another instance of this machine was faster.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#all.push(error);
    }
  }

  throwFirst(): void {
    if (this.#all.length > 0) throw this.#all[0];
  }
}
