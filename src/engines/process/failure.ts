import { TaskError } from '../../base/errors.ts';
import type { ProcessResult } from './run-process.ts';

/** How a process ended and what it said last. */
export type Ending = Pick<ProcessResult, 'exitCode' | 'signal' | 'lastLines'>;

/** An engine's end in plain words, with its last lines as the cause. */
export function engineFailed(engine: string, ending: Ending, found = 'no result'): TaskError {
  const last = ending.lastLines.at(-1);
  const saying = last === undefined ? 'it wrote nothing' : `its last line was "${last}"`;
  return new TaskError('E_ENGINE_FAILED', `${describeEnding(engine, ending, found)}; ${saying}`, {
    cause: new Error(ending.lastLines.join('\n')),
  });
}

/** `MFA2 ended with exit status 1 and left no TextGrid`. */
export function describeEnding(engine: string, { exitCode, signal }: Ending, found: string): string {
  const how = signal === null ? `ended with exit status ${exitCode}` : `was killed by ${signal}`;
  // Nobody else sends it: our own limits are told as such.
  const why = signal === 'SIGKILL' ? ' (usually out of memory; check the system journal)' : '';
  return `${engine} ${how}${why} and left ${found}`;
}
