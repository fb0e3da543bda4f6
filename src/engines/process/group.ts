import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Time between SIGTERM and SIGKILL, in which an engine can delete its temporary files. */
const STOP_GRACE_MS = 2000;
/** How long to wait after SIGKILL: a process that still exists then hangs in the kernel, such as at a dead network disk. */
const DEATH_LIMIT_MS = 10_000;
const FIRST_POLL_MS = 4;
const LAST_POLL_MS = 100;

/**
 * Ends a process group by SIGTERM and, after 2 s, by SIGKILL.
 * @param leaderPid - id of the group
 * @returns whether no process of the group is left
 */
export async function stopGroup(leaderPid: number): Promise<boolean> {
  if (!signalGroup(leaderPid, 'SIGTERM')) return true;
  return (await untilGone(leaderPid, STOP_GRACE_MS)) || killGroup(leaderPid);
}

/** Ends a process group by SIGKILL. @returns whether no process of the group is left */
export async function killGroup(leaderPid: number): Promise<boolean> {
  return !signalGroup(leaderPid, 'SIGKILL') || (await untilGone(leaderPid, DEATH_LIMIT_MS));
}

/** @returns false when the group has no process */
function signalGroup(leaderPid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leaderPid, signal);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function untilGone(leaderPid: number, limitMs: number): Promise<boolean> {
  const deadlineMs = performance.now() + limitMs;
  let pollMs = FIRST_POLL_MS;
  while (signalGroup(leaderPid, 0)) {
    // If nothing waits for orphans (a container without init), zombies stay in the group for ever.
    if (pollMs === LAST_POLL_MS && !hasLivingMember(leaderPid)) return true;
    if (performance.now() > deadlineMs) return false;
    await delay(pollMs);
    pollMs = Math.min(pollMs * 2, LAST_POLL_MS);
  }
  return true;
}

function hasLivingMember(groupId: number): boolean {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return true;
  }
  return names.some((name) => {
    if (!/^\d+$/.test(name)) return false;
    // The fields after the command in brackets, which may have any characters: state, parent, group.
    const [state, , group] = readProc(`${name}/stat`)?.split(') ').at(-1)?.split(' ') ?? [];
    return state !== undefined && Number(group) === groupId && !/^[ZX]$/.test(state);
  });
}

function readProc(name: string): string | undefined {
  try {
    return readFileSync(`/proc/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}
