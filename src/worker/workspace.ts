import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import tmp from 'tmp-promise';
import { TaskError } from '../base/errors.ts';
import type { InstanceDeath } from '../db/instances.ts';
import { killProcessesIn, makeOwnerMark, OWNER_FILE, ownerState } from './owner-proof.ts';

/** An instance's folder gets its name when its mark is in it: one that was begun has this before its name. */
const BEGUN = 'new-';
const BEGUN_LIMIT_MS = 3_600_000;

export interface Workspace extends AsyncDisposable {
  readonly path: string;
  /** The same as leaving its scope. Does not throw: what is left goes with the folder of the instance. */
  remove(): Promise<void>;
}

/**
 * A private temp directory for one attempt; gone, with all that is in it, when it goes out of scope. While it is there the
 * attempt is not over: a worker that died in it is told from one that had lost the task before.
 * @param attempt - name of the attempt
 */
export async function makeWorkspace(workspacesDir: string, attempt: string): Promise<Workspace> {
  // A program that tidies temp folders may have taken it while the instance was idle: no task could run any more.
  await makeInstanceDir(path.dirname(workspacesDir), path.basename(workspacesDir));
  const { path: dir } = await tmp.dir({
    tmpdir: workspacesDir,
    prefix: attempt,
    unsafeCleanup: true,
    mode: 0o700,
  });
  const remove = () => rm(dir, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  return { path: dir, remove, [Symbol.asyncDispose]: remove };
}

/**
 * The folder that holds the workspaces of this process: `TEMP_DIR/autophon-workspaces-<uid>/<instance>`. It is marked with
 * its owner, so that the workspaces of a process that was killed can be told from those in use.
 * @throws TaskError E_CONFIG when its path has a character that engines cannot take, or it is not private
 */
export async function makeWorkspacesDir(tempDir: string, instanceId: string): Promise<string> {
  if (!/^[\w./-]+$/.test(tempDir)) {
    throw new TaskError(
      'E_CONFIG',
      `TEMP_DIR=${tempDir}: expected plain ASCII letters, digits and ./_- only: the aligners fail on, or even execute, others`,
    );
  }
  await mkdir(tempDir, { recursive: true, mode: 0o700 });
  const { uid } = await stat(tempDir);
  // Its owner could put other folders in the place of ours.
  if (uid !== process.getuid?.() && uid !== 0) {
    throw new TaskError(
      'E_CONFIG',
      `TEMP_DIR=${tempDir} belongs to another user: set TEMP_DIR to a folder of your own`,
    );
  }
  const privateDir = privateDirOf(tempDir);
  await mkdir(privateDir, { mode: 0o700 }).catch(ignoreExisting);
  await assertPrivate(privateDir);
  return makeInstanceDir(privateDir, instanceId);
}

/** The folder of ours in TEMP_DIR. Whatever else is in TEMP_DIR is never looked at. */
export function privateDirOf(tempDir: string): string {
  return path.join(tempDir, `autophon-workspaces-${process.getuid?.() ?? 0}`);
}

/** Somebody else may have made it before us, as what it should not be. */
async function assertPrivate(dir: string): Promise<void> {
  const found = await lstat(dir);
  const fault = !found.isDirectory()
    ? 'is a link or a file'
    : found.uid !== process.getuid?.()
      ? 'belongs to another user'
      : (found.mode & 0o077) !== 0
        ? `can be used by others (mode ${(found.mode & 0o777).toString(8)})`
        : null;
  if (fault === null) return;
  throw new TaskError(
    'E_CONFIG',
    `${dir} ${fault}; expected a folder of this user, mode 700. Remove it, or set TEMP_DIR to another folder`,
  );
}

async function makeInstanceDir(privateDir: string, instanceId: string): Promise<string> {
  const dir = path.join(privateDir, instanceId);
  if ((await ownerState(dir)) === 'alive') return dir;
  // Complete or not at all, also on a full disk.
  const begun = path.join(privateDir, `${BEGUN}${randomUUID()}`);
  await mkdir(begun, { recursive: true, mode: 0o700 });
  try {
    await writeFile(path.join(begun, OWNER_FILE), await makeOwnerMark());
    await rename(begun, dir);
  } catch (error) {
    await rm(begun, { recursive: true, force: true });
    throw error;
  }
  return dir;
}

/** Whether the process of an instance is gone, as its folder on this machine tells. @returns null: not known to be */
export async function findDeath(tempDir: string, instanceId: string): Promise<InstanceDeath | null> {
  const dir = path.join(privateDirOf(tempDir), instanceId);
  return (await ownerState(dir)) === 'dead' ? readDeath(dir) : null;
}

async function readDeath(dir: string): Promise<InstanceDeath> {
  const attempts = (await readdir(dir).catch(ignoreMissing)).flatMap((name) => {
    const [, id, claim] = /^(\d+)\.(\d+-[0-9a-f]{8})/.exec(name) ?? [];
    return id === undefined || claim === undefined ? [] : [{ id, claim }];
  });
  return { instanceId: path.basename(dir), attempts };
}

/**
 * Removes the folders of worker processes of this machine that are no more, and first ends what still runs in them:
 * an engine whose worker was killed before the kernel knew that they belong together. A folder whose owner cannot be
 * judged from here (another machine or PID namespace that shares TEMP_DIR) stays.
 * @param onDead - told before the folders go, and with them the proof
 * @returns ids of the instances
 */
export async function removeOrphanedWorkspaces(
  tempDir: string,
  onDead: (deaths: readonly InstanceDeath[]) => Promise<void> = async () => undefined,
): Promise<string[]> {
  const privateDir = privateDirOf(tempDir);
  const entries = await readdir(privateDir, { withFileTypes: true }).catch(ignoreMissing);
  const dead: InstanceDeath[] = [];
  for (const entry of entries.filter((one) => one.isDirectory())) {
    const dir = path.join(privateDir, entry.name);
    if (entry.name.startsWith(BEGUN)) await removeIfOld(dir);
    else if ((await ownerState(dir)) === 'dead') dead.push(await readDeath(dir));
  }
  if (dead.length > 0) await onDead(dead);
  for (const { instanceId } of dead) {
    const dir = path.join(privateDir, instanceId);
    await killProcessesIn(await realpath(dir));
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
  return dead.map(({ instanceId }) => instanceId);
}

async function removeIfOld(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => null);
  if (found !== null && Date.now() - found.mtimeMs > BEGUN_LIMIT_MS)
    await rm(dir, { recursive: true, force: true });
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

function ignoreMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
