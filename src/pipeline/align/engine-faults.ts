import { type ErrorCode, type Fault, TaskError } from '../../base/errors.ts';
import type { Recording } from '../prepared.ts';

/** The fix for each error of an engine. Engines themselves know no settings and no logs. */
const FIXES: Readonly<Partial<Record<ErrorCode, string>>> = {
  E_ENGINE_FAILED: 'the log of the task has its whole output',
  E_ENGINE_TIMEOUT: 'cut long intervals at pauses, split the task, or raise TASK_TIMEOUT',
  E_ENGINE_SILENT: 'the log of the task has its whole output; raise ENGINE_SILENCE if it was only slow',
};

/**
 * The error of an engine with the user's file names and the fix. Engines know files by neutral ids only, and give them as
 * the file of a place.
 */
export function inUserWords(thrown: unknown, recordings: readonly Recording[]): unknown {
  if (!(thrown instanceof TaskError)) return thrown;
  const names = new Map(
    recordings.flatMap(({ audios, audio }) => audios.map(({ id }) => [id, audio.originalName] as const)),
  );
  const [first, ...rest] = thrown.faults.map((fault): Fault => {
    const fix = FIXES[fault.code];
    const text = fix === undefined ? fault.text : `${fault.text}; ${fix}`;
    const file = names.get(fault.place?.file ?? '');
    return file === undefined ? { ...fault, text } : { ...fault, place: { ...fault.place, file }, text };
  });
  return first === undefined ? thrown : TaskError.ofFaults([first, ...rest], thrown.cause);
}
