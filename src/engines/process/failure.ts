import { TaskError } from '../../base/errors.ts';
import type { ProcessResult } from './run-process.ts';

/** How a process ended and what it said last. */
export type Ending = Pick<ProcessResult, 'exitCode' | 'signal' | 'lastLines'>;

/** An engine's end in plain words, with its last lines as the cause. */
export function engineFailed(
  engine: string,
  { exitCode, signal, lastLines }: Ending,
  found = 'no result',
): TaskError {
  const ending = signal === null ? `ended with exit status ${exitCode}` : `was ended by ${signal}`;
  // Nobody else sends it: our own limits are told as such.
  const why = signal === 'SIGKILL' ? ' (mostly for want of memory: see the journal of the system)' : '';
  const last = lastLines.at(-1);
  const saying = last === undefined ? 'it wrote nothing' : `its last line was "${last}"`;
  return new TaskError('E_ENGINE_FAILED', `${engine} ${ending}${why} and left ${found}; ${saying}`, {
    cause: new Error(lastLines.join('\n')),
  });
}
