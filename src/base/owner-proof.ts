import { readdir, readFile, readlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isInside } from './inside.ts';

/** The file that names the owner process of a folder. */
export const OWNER_FILE = 'owner';

/** `unknown`: it cannot be decided on this machine, or the folder has no valid mark. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

/**
 * A process, told from all others: a number alone is used again after its process has ended, starts again in each PID
 * namespace (a container), and after each start of the machine.
 */
interface Owner {
  /** Its id and its name: clones of a machine may share the id. */
  readonly machine: string;
  readonly boot: string;
  readonly pidNamespace: string;
  readonly pid: number;
  /** When it started, in clock ticks since boot. */
  readonly startTicks: string;
}

type Place = Pick<Owner, 'machine' | 'boot' | 'pidNamespace'> & { readonly hasMachineId: boolean };

/** What to write into OWNER_FILE for this process. */
export async function makeOwnerMark(): Promise<string> {
  const { machine, boot, pidNamespace } = await readPlace();
  const running = await readProcess('self').catch(() => null);
  const owner: Owner = {
    machine,
    boot,
    pidNamespace,
    pid: process.pid,
    startTicks: running?.startTicks ?? '',
  };
  return `${JSON.stringify(owner)}\n`;
}

/** Whether the process that marked a folder is still there. */
export async function ownerState(dir: string): Promise<OwnerState> {
  const owner = await readOwner(dir);
  if (owner === null || owner === 'unreadable') return 'unknown';
  const here = await readPlace();
  if (owner.machine !== here.machine || here.boot === '') return 'unknown';
  // Before the boot: containers with one image and one name on two machines differ in nothing else.
  if (owner.pidNamespace !== here.pidNamespace || here.pidNamespace === '') return 'unknown';
  // The machine was restarted since; without an id it may be another one of the same name.
  if (owner.boot !== here.boot) return here.hasMachineId ? 'dead' : 'unknown';
  try {
    const running = await readProcess(owner.pid);
    return running !== null && !running.hasEnded && running.startTicks === owner.startTicks
      ? 'alive'
      : 'dead';
  } catch {
    // If this process has no file descriptor left, it must not take a living one for dead and end its engines.
    return 'unknown';
  }
}

/** Whether a folder has no mark of ours for certain: one that cannot be read may have it. */
export async function isUnmarked(dir: string): Promise<boolean> {
  return (await readOwner(dir)) === null;
}

/**
 * Ends what a dead owner left running: processes of our real user that work in its folder and started after it. Others
 * there belong to users, such as a shell whose current folder dates from before the last boot.
 * @param dir - real path of a folder whose owner is dead
 */
export async function endProcessesOf(dir: string): Promise<void> {
  const [owner, here] = await Promise.all([readOwner(dir), readPlace()]);
  if (owner === null || owner === 'unreadable' || owner.boot !== here.boot) return;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids.map(Number).filter((one) => one !== process.pid)) {
    // A process that has just ended has no readable directory.
    const link = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    const cwd = link.replace(/ \(deleted\)$/, '');
    if (cwd !== dir && !isInside(dir, cwd)) continue;
    const running = await readProcess(pid).catch(() => null);
    if (running === null || Number(running.startTicks) < Number(owner.startTicks)) continue;
    if ((await readRealUid(pid)) !== process.getuid?.()) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** @returns null when there is no mark, or one that is not ours */
async function readOwner(dir: string): Promise<Owner | null | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(path.join(dir, OWNER_FILE), 'utf8');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'unreadable';
  }
  try {
    const owner = JSON.parse(text) as Owner;
    const isMark = [owner.machine, owner.boot, owner.pidNamespace, owner.startTicks].every(
      (part) => typeof part === 'string' && part !== '',
    );
    return isMark && Number.isInteger(owner.pid) ? owner : null;
  } catch {
    return null;
  }
}

async function readPlace(): Promise<Place> {
  const [machineId, boot, pidNamespace, self] = await Promise.all([
    readFile('/etc/machine-id', 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
    readlink('/proc/self').catch(() => ''),
  ]);
  return {
    machine: `${machineId.trim()} ${os.hostname()}`,
    // Images have "uninitialized" or nothing there.
    hasMachineId: /^[\da-f]{32}$/.test(machineId.trim()),
    boot: boot.trim(),
    // A /proc that was mounted in another namespace counts processes by other numbers than we do.
    pidNamespace: self === String(process.pid) ? pidNamespace : '',
  };
}

/**
 * @returns null when there is no such process
 * @throws system errors, when that cannot be told
 */
async function readProcess(
  pid: number | 'self',
): Promise<{ readonly hasEnded: boolean; readonly startTicks: string } | null> {
  let status: string;
  try {
    status = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((code === 'ENOENT' || code === 'ESRCH') && pid !== 'self' && !hasProcess(pid)) return null;
    throw error;
  }
  // The name in parentheses may hold blanks; the state follows, and the 20th field is the start time.
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  // A zombie: dead, and its parent does not ask for it, as the first process of a container often does not.
  return { hasEnded: /^[ZXx]$/.test(fields[0] ?? ''), startTicks: fields[19] ?? '' };
}

/** Asked of the kernel: /proc may hide processes. */
function hasProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function readRealUid(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, uid] = /^Uid:\s+(\d+)/m.exec(status) ?? [];
  return uid === undefined ? null : Number(uid);
}
