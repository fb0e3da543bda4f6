import { TaskError } from '../base/errors.ts';
import type { Recording } from './prepared.ts';

/**
 * What an engine has thrown, in the user's words: engines know files by neutral ids only, and name one in the `file`
 * of a fault.
 */
export function withFileNames(thrown: unknown, recordings: readonly Recording[]): unknown {
  if (!(thrown instanceof TaskError)) return thrown;
  const names = new Map(recordings.map(({ id, audio }) => [id, audio.originalName]));
  const [first, ...rest] = thrown.faults.map((fault) => {
    const file = names.get(fault.file ?? '');
    return file === undefined ? fault : { ...fault, file, message: `${file}: ${fault.message}` };
  });
  return first === undefined ? thrown : TaskError.ofFaults([first, ...rest], thrown.cause);
}
