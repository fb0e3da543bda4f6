import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isInside } from '../base/inside.ts';

/** The file that says whose folder it is. */
export const OWNER_FILE = 'owner';

/** `unknown`: it cannot be told from here, or the folder has no mark of ours. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

/**
 * A process, told from all others: a number alone is used again after its process has ended, counts anew in each PID
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

/** What to write into OWNER_FILE for this process. */
export async function makeOwnerMark(): Promise<string> {
  const owner: Owner = {
    ...(await readPlace()),
    pid: process.pid,
    startTicks: (await readStartTicks(process.pid)) ?? '',
  };
  return `${JSON.stringify(owner)}\n`;
}

/** Whether the process that marked a folder is still there. */
export async function ownerState(dir: string): Promise<OwnerState> {
  const owner = await readOwner(dir);
  if (owner === null) return 'unknown';
  const here = await readPlace();
  if (owner.machine !== here.machine || here.boot === '') return 'unknown';
  // The machine was started anew since.
  if (owner.boot !== here.boot) return 'dead';
  if (owner.pidNamespace !== here.pidNamespace || here.pidNamespace === '') return 'unknown';
  return (await readStartTicks(owner.pid)) === owner.startTicks ? 'alive' : 'dead';
}

/** Ends every process of our user whose working directory is in a folder. */
export async function killProcessesIn(dir: string): Promise<void> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    // One that has just ended has no readable directory.
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (!isInside(dir, cwd) || (await stat(`/proc/${pid}`).catch(() => null))?.uid !== process.getuid?.())
      continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

async function readOwner(dir: string): Promise<Owner | null> {
  try {
    const owner = JSON.parse(await readFile(path.join(dir, OWNER_FILE), 'utf8')) as Owner;
    const isMark = [owner.machine, owner.boot, owner.pidNamespace, owner.startTicks].every(
      (part) => typeof part === 'string' && part !== '',
    );
    return isMark && Number.isInteger(owner.pid) ? owner : null;
  } catch {
    return null;
  }
}

async function readPlace(): Promise<Pick<Owner, 'machine' | 'boot' | 'pidNamespace'>> {
  const [machineId, boot, pidNamespace] = await Promise.all([
    readFile('/etc/machine-id', 'utf8').catch(() => ''),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]);
  return { machine: `${machineId.trim()} ${os.hostname()}`, boot: boot.trim(), pidNamespace };
}

/** @returns null when there is no such process */
async function readStartTicks(pid: number): Promise<string | null> {
  try {
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks; the 20th field after it is the start time.
    return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
