import { type ErrorCode, type Fault, TaskError } from '../../base/errors.ts';
import type { Recording } from '../prepared.ts';

/** What can be done about what an engine reports; it does not know the settings and the log of the service. */
const MENDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  E_ENGINE_FAILED: 'the log of the task has all that it said',
  E_ENGINE_TIMEOUT: 'cut long intervals at pauses, split the task, or raise TASK_TIMEOUT',
  E_ENGINE_SILENT: 'the log of the task has all that it said; raise ENGINE_SILENCE if it was only slow',
};

/**
 * What an engine has thrown, in the user's words and with the mend: engines know files by neutral ids only, and name
 * one in the `file` of a fault.
 */
export function inUserWords(thrown: unknown, recordings: readonly Recording[]): unknown {
  if (!(thrown instanceof TaskError)) return thrown;
  const names = new Map(recordings.map(({ id, audio }) => [id, audio.originalName]));
  const [first, ...rest] = thrown.faults.map((fault): Fault => {
    const mend = MENDS[fault.code];
    const message = mend === undefined ? fault.message : `${fault.message}; ${mend}`;
    const file = names.get(fault.file ?? '');
    return file === undefined ? { ...fault, message } : { ...fault, file, message: `${file}: ${message}` };
  });
  return first === undefined ? thrown : TaskError.ofFaults([first, ...rest], thrown.cause);
}
