import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';

interface CommandRequest {
  readonly argv: readonly [command: string, ...args: string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What setpriv, unshare (126, 127) and flock (69) exit with when the command after them cannot be run. */
const GUARD_EXIT_CODES: readonly (number | null)[] = [69, 126, 127];
/** `doctor` itself needs no such advice. */
export const SEE_DOCTOR = '; run "make doctor"';
const GUARD_COMPLAINT = /^(setpriv|unshare|flock): failed to execute /;

/**
 * Checks before the spawn, since behind the guard a missing program would look like an exit code.
 * @throws TaskError E_ENGINE_MISSING; E_IO when the working directory does not exist
 */
export async function assertStartable({ argv: [command], cwd, env }: CommandRequest): Promise<void> {
  const isFolder = await stat(cwd).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw new TaskError('E_IO', `${cwd}: expected the working directory of ${command}, found none`);
  if (await isStartable(command, cwd, env)) return;
  throw missingCommand(command, command.includes('/') ? 'no such executable file' : 'not found on PATH');
}

/** Whether a program, by name or by path, is there to be started. */
export async function isStartable(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  const folders = command.includes('/')
    ? ['']
    : (env['PATH'] ?? '').split(':').filter((entry) => entry !== '');
  for (const folder of folders) {
    if (await isExecutableFile(path.resolve(cwd, folder, command))) return true;
  }
  return false;
}

export function missingCommand(command: string, found: string): TaskError {
  return new TaskError('E_ENGINE_MISSING', `${command}: cannot be started: ${found}${SEE_DOCTOR}`);
}

/** Whether the guard's programs, not the engine, ended: a script whose interpreter is missing, a broken binary. */
export function isGuardFailure(exitCode: number | null, lastLines: readonly string[]): boolean {
  return GUARD_EXIT_CODES.includes(exitCode) && lastLines.some((line) => GUARD_COMPLAINT.test(line));
}

export async function isExecutableFile(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
