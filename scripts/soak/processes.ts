import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** Whether a process exists and has not ended. A zombie, whose parent has not yet read its exit status, has ended. */
export function isRunning(pid: number): boolean {
  const stat = tryToRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === null) return false;
  // The state comes after the name in parentheses, which may contain any character.
  return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

/** Processes whose working directory is inside a folder, also if the folder was deleted meanwhile. */
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
