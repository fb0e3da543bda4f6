import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import tmp from 'tmp-promise';
import { TaskError } from '../base/errors.ts';

const OWNER_FILE = 'owner';

export interface Workspace extends AsyncDisposable {
  readonly path: string;
}

/** A private temp directory for one attempt; gone, with all that is in it, when it goes out of scope. */
export async function makeWorkspace(workspacesDir: string): Promise<Workspace> {
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
 * @throws TaskError E_CONFIG when its path has a character that engines cannot take
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
  await writeFile(path.join(dir, OWNER_FILE), `${process.pid} ${await processStart(process.pid)}\n`);
  return dir;
}

/** Removes the folders of processes of this machine that are no more. @returns their names */
export async function removeOrphanedWorkspaces(tempDir: string): Promise<string[]> {
  const removed: string[] = [];
  for (const entry of await readdir(tempDir, { withFileTypes: true })) {
    if (!entry.isDirectory() || (await isOwnerAlive(path.join(tempDir, entry.name)))) continue;
    await rm(path.join(tempDir, entry.name), { recursive: true, force: true });
    removed.push(entry.name);
  }
  return removed;
}

async function isOwnerAlive(dir: string): Promise<boolean> {
  const owner = await readFile(path.join(dir, OWNER_FILE), 'utf8').catch(() => null);
  // Without the mark it is not ours, or is just being made.
  if (owner === null) return true;
  const [pid, start] = owner.trim().split(' ');
  return start !== undefined && (await processStart(Number(pid))) === start;
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
