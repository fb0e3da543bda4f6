import { TaskError } from '../../base/errors.ts';
import type { ProcessResult } from './run-process.ts';

/** How a process ended, and its last output. */
export type ProcessEnd = Pick<ProcessResult, 'exitCode' | 'signal' | 'lastLines'>;

/**
 * The error of an engine that ended without a result. Its cause has the last lines of the engine.
 * @param found - what the engine left, such as `no TextGrid`
 */
export function engineFailed(engine: string, end: ProcessEnd, found = 'no result'): TaskError {
  const last = end.lastLines.at(-1);
  const saying = last === undefined ? 'it wrote nothing' : `its last line was "${last}"`;
  return new TaskError('E_ENGINE_FAILED', `${describeProcessEnd(engine, end, found)}; ${saying}`, {
    cause: new Error(end.lastLines.join('\n')),
  });
}

/** `MFA2 ended with exit status 1 and left no TextGrid`. */
export function describeProcessEnd(engine: string, { exitCode, signal }: ProcessEnd, found: string): string {
  const how = signal === null ? `ended with exit status ${exitCode}` : `was killed by ${signal}`;
  // Another session or the kernel has sent it: if our own limit ends a process, the message names this limit.
  const why = signal === 'SIGKILL' ? ' (usually out of memory; check the system journal)' : '';
  return `${engine} ${how}${why} and left ${found}`;
}
