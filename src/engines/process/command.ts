import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';

interface CommandRequest {
  readonly argv: readonly [command: string, ...args: string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Exit codes of setpriv, unshare (126, 127) and flock (69) if the command after them cannot be run. */
const GUARD_EXIT_CODES: readonly (number | null)[] = [69, 126, 127];
/** The end of messages, which `doctor` itself leaves out. */
export const SEE_DOCTOR = '; run "make doctor"';
const GUARD_ERROR = /^(setpriv|unshare|flock): failed to execute /;

/**
 * Checks before the start that a program exists: behind the guard, a missing program would only give an exit code.
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

/** Whether a program, given by a name or a path, exists and is executable. */
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

/** Whether the guard could not start the engine: the interpreter of a script is missing, or a binary is broken. */
export function isGuardFailure(exitCode: number | null, lastLines: readonly string[]): boolean {
  return GUARD_EXIT_CODES.includes(exitCode) && lastLines.some((line) => GUARD_ERROR.test(line));
}

export async function isExecutableFile(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
