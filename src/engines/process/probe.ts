import { devNull, tmpdir } from 'node:os';
import { TaskError } from '../../base/errors.ts';
import { SEE_DOCTOR } from './command.ts';
import { runProcess } from './run-process.ts';

/** The outcome of a short run of a program. */
export interface Probe {
  readonly isFound: boolean;
  readonly exitCode: number | null;
  readonly lines: readonly string[];
}

const PROBE_LIMIT_SEC = 60;
/** Help texts have some hundred lines. A program that never stops writing would fill the memory before its time is over. */
const MAX_LINES = 1000;
/** Exit codes of launchers (env, nice, docker run) for a program that does not exist. */
const NOT_FOUND_EXITS: readonly (number | null)[] = [126, 127];
const NOT_FOUND = /not found|no such file|cannot find|unable to find/i;

/**
 * Runs a program that should end at once, under the launcher and in the environment of real runs.
 * @throws the reason of `signal` when aborted
 */
export async function probe(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Probe> {
  const [command = '', ...args] = argv;
  const lines: string[] = [];
  try {
    const { exitCode } = await runProcess({
      argv: [command, ...args],
      cwd: tmpdir(),
      env,
      logPath: devNull,
      timeoutSec: PROBE_LIMIT_SEC,
      silenceSec: PROBE_LIMIT_SEC,
      signal,
      onLine: (line) => {
        if (line.trim() === '') return;
        if (lines.length === MAX_LINES) throw tooMuchOutput(command);
        lines.push(line.trim());
      },
    });
    const isFound =
      !NOT_FOUND_EXITS.includes(exitCode) && (exitCode === 0 || !lines.some((line) => NOT_FOUND.test(line)));
    return { isFound, exitCode, lines };
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    return {
      isFound: error.code !== 'E_ENGINE_MISSING',
      exitCode: null,
      lines: [error.message.replace(SEE_DOCTOR, '')],
    };
  }
}

function tooMuchOutput(command: string): TaskError {
  const message = `${command}: expected a few lines of output, found more than ${MAX_LINES}; it was ended`;
  return new TaskError('E_ENGINE_FAILED', message);
}
