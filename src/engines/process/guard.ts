import { execFile } from 'node:child_process';
import path from 'node:path';
import { isExecutableFile } from './command.ts';

const SYSTEM_FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin'];
const PROBE_TIMEOUT_MS = 5000;
/** setpriv: the kernel kills the process when the thread that started it ends, in any way. */
const DIE_WITH_PARENT = ['--pdeathsig', 'KILL', '--'];
/** unshare: a PID namespace. When its first process ends, the kernel kills all other processes in it. */
const OWN_PIDS = ['--fork', '--pid', '--kill-child=KILL', '--'];
/**
 * flock: the first process of the namespace. The engine must not be the first one: that ignores SIGTERM and signals of its own
 * crashes, and its children take the number 1 of their parent for a dead parent. flock, with a lock that no other process takes,
 * starts the engine as its child, waits, and passes on the exit status; a signal as 128 + its number.
 */
const FIRST_PROCESS = ['--shared', '--close', '/dev/null'];
/** unshare: an ordinary user needs this for a PID namespace. The user id stays: Postgres, which MFA 2 starts, refuses uid 0. */
const OWN_USERS = ['--user', '--map-current-user'];

let guard: Promise<readonly string[]> | undefined;

/**
 * The programs before an engine's command, by which no process of the engine outlives the worker, even after kill -9. They are
 * tried once per worker: a PID namespace that ends with the worker; if the system does not allow it, a signal when the worker
 * dies, which reaches only the first process; without setpriv, nothing (empty). A start takes about 3 ms longer with them.
 */
export function engineGuard(): Promise<readonly string[]> {
  guard ??= findGuard();
  return guard;
}

/** Whether the guard also ends the processes that the engine has started. */
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
    // Root needs no user namespace, and inside one would lose its rights to the files of other users.
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
