import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { makeFolder } from '../base/make-folder.ts';
import { makeOwnerMark, OWNER_FILE, ownerState } from '../base/owner-proof.ts';
import type { InstanceDeath } from '../db/instances.ts';

/** An instance's folder gets its name when its mark is in it: one that was begun has this before its name. */
export const NEW_PREFIX = 'new-';

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
  // A program that cleans temp folders may have removed it while the instance was idle: no task could run any more.
  const privateDir = path.dirname(workspacesDir);
  await makeWorkspacesDir(path.dirname(privateDir), path.basename(workspacesDir));
  // It looks for TMPDIR when it is loaded, which no workspace is made in, and throws when there is none.
  const { default: tmp } = await import('tmp-promise');
  const { path: dir } = await tmp.dir({
    tmpdir: workspacesDir,
    prefix: attempt,
    mode: 0o700,
    // Else the library remembers it until the process ends.
    keep: true,
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
  const { uid } = await inTempDir(tempDir, async () => {
    makeFolder(tempDir, 0o700);
    return stat(tempDir);
  });
  // Its owner could put other folders in the place of ours.
  if (uid !== process.getuid?.() && uid !== 0) {
    throw new TaskError(
      'E_CONFIG',
      `TEMP_DIR=${tempDir} belongs to another user: set TEMP_DIR to a folder of your own`,
    );
  }
  const privateDir = privateDirOf(tempDir);
  await inTempDir(tempDir, () => mkdir(privateDir, { mode: 0o700 }).catch(ignoreExisting));
  await assertPrivate(privateDir);
  return makeInstanceDir(privateDir, instanceId);
}

/** Says of a system error which setting is to be fixed. */
async function inTempDir<T>(tempDir: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
    throw new TaskError(
      'E_IO',
      `TEMP_DIR=${tempDir}: no folder can be made there (${code}). Let this user write there, or set TEMP_DIR to another folder`,
      { cause: error },
    );
  }
}

/** Our folder in TEMP_DIR. Nothing else in TEMP_DIR is looked at. */
export function privateDirOf(tempDir: string): string {
  return path.join(tempDir, `autophon-workspaces-${process.getuid?.() ?? 0}`);
}

/**
 * Another user may have made it first, as a link or with other rights.
 * @throws TaskError E_CONFIG
 */
export async function assertPrivate(dir: string): Promise<void> {
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
  // Complete or not at all, also on a full disk and after a power cut.
  const begun = path.join(privateDir, `${NEW_PREFIX}${randomUUID()}`);
  const mark = path.join(begun, OWNER_FILE);
  await mkdir(begun, { recursive: true, mode: 0o700 });
  try {
    await writeFile(mark, await makeOwnerMark(), { flush: true });
    await rename(begun, dir).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      // Only the mark was removed by a clean-up program: another task runs in there.
      await rename(mark, path.join(dir, OWNER_FILE));
      await rm(begun, { recursive: true, force: true });
    });
  } catch (error) {
    await rm(begun, { recursive: true, force: true });
    throw error;
  }
  return dir;
}

/** Removes the workspaces of an instance that has to end before its attempts have; its own mark stays. */
export async function removeWorkspaces(workspacesDir: string): Promise<void> {
  for (const name of await listWorkspaces(workspacesDir))
    await rm(path.join(workspacesDir, name), { recursive: true, force: true }).catch(() => undefined);
}

/**
 * Removes the folder of an instance. The mark goes last: without it the owner of the folder is not known, and it would stay
 * if the process that removes it died half-way.
 * @throws system errors, and then the mark is still there
 */
export async function removeInstanceDir(dir: string): Promise<void> {
  for (const name of await listWorkspaces(dir))
    await rm(path.join(dir, name), { recursive: true, force: true, maxRetries: 3 });
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
}

async function listWorkspaces(dir: string): Promise<string[]> {
  return (await readdir(dir).catch(() => [])).filter((name) => name !== OWNER_FILE);
}

/** Whether the process of an instance is gone, as its folder on this machine tells. @returns null: not known to be */
export async function findDeath(tempDir: string, instanceId: string): Promise<InstanceDeath | null> {
  // It comes from a row: a path there would lead to another folder's mark.
  if (instanceId !== path.basename(instanceId)) return null;
  const dir = path.join(privateDirOf(tempDir), instanceId);
  return (await ownerState(dir)) === 'dead' ? readDeath(dir) : null;
}

/** What the folder of a dead process tells: the attempts that had not ended. */
export async function readDeath(dir: string): Promise<InstanceDeath> {
  const attempts = (await readdir(dir).catch(() => [])).flatMap((name) => {
    const [, id, claim] = /^(\d+)\.(\d+-[0-9a-f]{8})/.exec(name) ?? [];
    return id === undefined || claim === undefined ? [] : [{ id, claim }];
  });
  return { instanceId: path.basename(dir), attempts };
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
