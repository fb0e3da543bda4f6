import { execFile } from 'node:child_process';
import path from 'node:path';
import { isExecutableFile } from './command.ts';

const SYSTEM_FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin'];
const PROBE_TIMEOUT_MS = 5000;
/** The kernel kills the process when the thread that started it ends, however that ends. */
const DIE_WITH_PARENT = ['--pdeathsig', 'KILL', '--'];
/** A PID namespace: when its first process ends, the kernel kills all the others in it. */
const OWN_PIDS = ['--fork', '--pid', '--kill-child=KILL', '--'];
/**
 * A first process for the namespace: the kernel lets a first process ignore SIGTERM and its own crashes by signal, and
 * its children take its number, 1, for a dead parent. flock (with a lock that no other process takes) starts the
 * engine as its child, waits, and passes the exit status on, a death by signal as 128 + its number.
 */
const FIRST_PROCESS = ['--shared', '--close', '/dev/null'];
/** What an ordinary user needs to make one. The user stays who he is: Postgres, which MFA 2 starts, refuses uid 0. */
const OWN_USERS = ['--user', '--map-current-user'];

let guard: Promise<readonly string[]> | undefined;

/**
 * Launcher prefix (absolute paths) under which no process of an engine outlives the worker, not even a kill -9 of
 * it. Found by trying, once per process: a PID namespace that dies with the worker; where the system forbids
 * that, a signal at the worker's death, which reaches the first process only; where there is no setpriv,
 * nothing (empty). It costs about 3 ms per start.
 */
export function engineGuard(): Promise<readonly string[]> {
  guard ??= findGuard();
  return guard;
}

/** Whether the guard also reaches what the engine itself has started. For `doctor`. */
export async function isGuardComplete(): Promise<boolean> {
  return (await engineGuard()).includes('--pid');
}

async function findGuard(): Promise<readonly string[]> {
  const names = ['setpriv', 'unshare', 'flock', 'true'];
  const [setpriv, unshare, flock, nothing] = await Promise.all(names.map(findSystemProgram));
  if (setpriv === undefined || nothing === undefined) return [];
  const dieWithParent = [setpriv, ...DIE_WITH_PARENT];
  const candidates = [dieWithParent];
  if (unshare !== undefined && flock !== undefined) {
    const ownPids = [...OWN_PIDS, flock, ...FIRST_PROCESS];
    candidates.unshift([...dieWithParent, unshare, ...OWN_USERS, ...ownPids]);
    // Real root needs no user namespace, and inside one would lose rights over other users' files.
    if (process.getuid?.() === 0) candidates.unshift([...dieWithParent, unshare, ...ownPids]);
  }
  for (const candidate of candidates) {
    if (await runs([...candidate, nothing])) return candidate;
  }
  return [];
}

async function findSystemProgram(name: string): Promise<string | undefined> {
  for (const folder of SYSTEM_FOLDERS) {
    const file = path.join(folder, name);
    if (await isExecutableFile(file)) return file;
  }
  return undefined;
}

function runs([command, ...args]: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    if (command === undefined) return resolve(false);
    execFile(command, args, { env: {}, timeout: PROBE_TIMEOUT_MS }, (error) => resolve(error === null));
  });
}
