import { readFileSync, readlinkSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A running server, as it describes itself in `postmaster.pid` of its data directory. */
export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Whether it has its port. It may still be recovering, and refuse connections. */
  readonly isListening: boolean;
}

const PID_FILE = 'postmaster.pid';
const PID_LINE = 0;
const PORT_LINE = 3;
const STATUS_LINE = 7;
/** Linux never gives a process a number above 4,194,304. */
const IMPOSSIBLE_PID = 4_194_305;

/**
 * Finds the running server of a data directory.
 * @returns null: no server runs, although a killed one may have left its file
 * @throws the system error when the directory may not be read
 */
export async function findServerProcess(dataDir: string): Promise<ServerProcess | null> {
  const lines = await readPidFile(dataDir);
  const pid = Number(lines[PID_LINE]);
  const port = Number(lines[PORT_LINE]);
  if (!isPositive(pid) || !isPositive(port) || !isServerOf(pid, dataDir)) return null;
  return { pid, port, isListening: (lines[STATUS_LINE] ?? '').trim() !== '' };
}

/**
 * A killed server leaves its process number in the file. If the system has since given this number to another process of the
 * same user, Postgres takes that process for a server, and never starts.
 *
 * Only the number is overwritten. From the rest of the file, Postgres finds out whether other processes of the killed server
 * still use the data.
 */
export async function disownReusedPid(dataDir: string): Promise<void> {
  const lines = await readPidFile(dataDir);
  const pid = Number(lines[PID_LINE]);
  if (!isPositive(pid) || !isAlive(pid) || isServerOf(pid, dataDir)) return;
  await writeFile(path.join(dataDir, PID_FILE), lines.with(PID_LINE, String(IMPOSSIBLE_PID)).join('\n'));
}

async function readPidFile(dataDir: string): Promise<string[]> {
  try {
    return (await readFile(path.join(dataDir, PID_FILE), 'utf8')).split('\n');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Whether the process is the server of the directory, and not another process that got the same number later. */
function isServerOf(pid: number, dataDir: string): boolean {
  if (!isAlive(pid)) return false;
  const command = tryToRead(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  // This system has no /proc, or this user may not read it: trust the number.
  if (command === null) return true;
  const [program = '', ...args] = command.split('\0');
  // A zombie (ended, but not yet waited for by its parent) has no command line.
  if (path.basename(program) !== 'postgres') return false;
  return args.includes(dataDir) || worksIn(pid, dataDir);
}

/** Whether the current folder of a process is the data directory, even if it was started under another path. */
export function worksIn(pid: number, dataDir: string): boolean {
  return tryToRead(() => readlinkSync(`/proc/${pid}/cwd`)) === dataDir;
}

function tryToRead(read: () => string): string | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isPositive(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}
