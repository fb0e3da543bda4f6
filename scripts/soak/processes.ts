import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Whether a process is there and has not ended: one that only waits for its parent's notice has. */
export function isRunning(pid: number): boolean {
  const stat = tryToRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return false;
  // The state comes after the name in parentheses, which may hold anything.
  return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

/** Processes at work inside a folder, also when it has been deleted under their feet. */
export function findProcessesIn(dir: string): FoundProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    const cwd = tryToRead(() => readlinkSync(`/proc/${name}/cwd`));
    if (cwd !== dir && cwd?.startsWith(`${dir}/`) !== true) return [];
    const command = tryToRead(() => readFileSync(`/proc/${name}/cmdline`, 'utf8')) ?? '';
    return isRunning(Number(name))
      ? [{ pid: Number(name), command: command.split('\0').join(' ').trim() }]
      : [];
  });
}

function tryToRead(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}
