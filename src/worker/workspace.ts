import { mkdir, readdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import tmp from 'tmp-promise';
import { TaskError } from '../base/errors.ts';
import { isInside } from '../base/inside.ts';

const OWNER_FILE = 'owner';
const INSTANCE_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** It takes milliseconds. */
const MARKING_LIMIT_MS = 10_000;

export interface Workspace extends AsyncDisposable {
  readonly path: string;
}

/** A private temp directory for one attempt; gone, with all that is in it, when it goes out of scope. */
export async function makeWorkspace(workspacesDir: string): Promise<Workspace> {
  // Whatever tidies temp folders may have taken it while the instance was idle: no task could run any more.
  await makeWorkspacesDir(path.dirname(workspacesDir), path.basename(workspacesDir));
  const { path: dir } = await tmp.dir({
    tmpdir: workspacesDir,
    prefix: 't',
    unsafeCleanup: true,
    mode: 0o700,
  });
  return {
    path: dir,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/**
 * The folder that holds the workspaces of this process, marked with who owns it, so that the workspaces of a
 * process that was killed can be told from those in use.
 * @throws TaskError E_CONFIG when its path has a character that engines cannot take, or it is another user's
 */
export async function makeWorkspacesDir(tempDir: string, instanceId: string): Promise<string> {
  if (!/^[\w./-]+$/.test(tempDir)) {
    throw new TaskError(
      'E_CONFIG',
      `TEMP_DIR=${tempDir}: expected plain ASCII letters, digits and ./_- only: the aligners fail on, or even execute, others`,
    );
  }
  const dir = path.join(tempDir, instanceId);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { uid } = await stat(tempDir);
  // Whoever made the folder first could otherwise decide what the removal of orphans finds in it.
  if (uid !== process.getuid?.() && uid !== 0) {
    throw new TaskError(
      'E_CONFIG',
      `TEMP_DIR=${tempDir} belongs to another user: set TEMP_DIR to a folder of your own`,
    );
  }
  const owner = `${process.pid} ${await processStart(process.pid)}\n`;
  const mark = path.join(dir, OWNER_FILE);
  await writeFile(mark, owner, { flag: 'wx' }).catch(async (error: { code?: string }) => {
    if (error.code === 'EEXIST') return;
    // On a full disk it is there, and empty: the next try would take it for written.
    await rm(mark, { force: true });
    throw error;
  });
  return dir;
}

/**
 * Removes the folders of worker processes of this machine that are no more, and first ends what still runs in them:
 * an engine whose worker was killed before the kernel knew that they belong together.
 * @returns names of the folders
 */
export async function removeOrphanedWorkspaces(tempDir: string): Promise<string[]> {
  const removed: string[] = [];
  for (const entry of await readdir(tempDir, { withFileTypes: true })) {
    const dir = path.join(tempDir, entry.name);
    if (!entry.isDirectory() || (await isOwnerAlive(dir))) continue;
    await killProcessesIn(await realpath(dir));
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    removed.push(entry.name);
  }
  return removed;
}

/** Ends every process whose working directory is in a folder. */
async function killProcessesIn(dir: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // A process of another user, or one that has just ended, has no readable directory: neither is ours.
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (!isInside(dir, cwd)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

async function isOwnerAlive(dir: string): Promise<boolean> {
  const owner = await readFile(path.join(dir, OWNER_FILE), 'utf8').catch(() => '');
  const [pid, start] = owner.trim().split(' ');
  if (start === undefined) return !(await isForsaken(dir));
  return (await processStart(Number(pid))) === start;
}

/** Whether an instance died, or found the disk full, before it had marked its folder; else it is at it, or not ours. */
async function isForsaken(dir: string): Promise<boolean> {
  if (!INSTANCE_ID.test(path.basename(dir))) return false;
  const found = await stat(dir).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > MARKING_LIMIT_MS;
}

/** When a process started, in clock ticks since boot: tells it from a later one with the same number. `-`: no such process. */
async function processStart(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks; the 20th field after it is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-';
  } catch {
    return '-';
  }
}
