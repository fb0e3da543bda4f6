import path from 'node:path';
import { cutToBytes } from '../../base/safe-names.ts';
import { safeFileName } from './entry-names.ts';

/** Leaves space below the limit of file systems for a number, an extension and what a browser adds. */
const MAX_LABEL_BYTES = 100;
const NOT_IN_NAMES = /[^\p{L}\p{M}\p{N}._-]+/gu;
const AT_THE_ENDS = /^[\p{M}._-]+|[._-]+$/gu;
const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/i;
const NUMBER = /^\d+$/;
/** UUIDs without hyphens, ULIDs and the like: long parts in which letters and digits alternate often. */
const LONG_PART = /[a-z0-9]{16,}/gi;
const CHANGE = /(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)/gi;
const MIN_CHANGES = 4;

export interface NamedTask {
  readonly taskId: string;
  /** Number of its row, which no other task has. */
  readonly number: string;
}

/**
 * The name under which a user saves the zip: `<task_id>.zip` if people can read the id; otherwise the name of the recording
 * and the number of the task, such as `talk-57.zip`, or `talk-and-2-more-57.zip` for three recordings. It has letters and
 * digits of any script, `.`, `_`, `-`, and is never the name of a device.
 * @param recordings - names of the recordings as the user gave them, with sub-folders, without extension, in order
 */
export function downloadName({ taskId, number }: NamedTask, recordings: readonly string[]): string {
  return safeFileName(`${isReadable(taskId) ? taskId : `${labelOf(recordings)}-${number}`}.zip`);
}

/** Whether an id looks written by a person, not generated. */
function isReadable(taskId: string): boolean {
  if (UUID.test(taskId) || NUMBER.test(taskId)) return false;
  const longParts = taskId.match(LONG_PART) ?? [];
  return longParts.every((part) => (part.match(CHANGE)?.length ?? 0) < MIN_CHANGES);
}

function labelOf([first = '', ...more]: readonly string[]): string {
  const plain = path.posix.basename(first).normalize('NFC').replace(NOT_IN_NAMES, '-');
  const label = cutToBytes(plain.replace(AT_THE_ENDS, ''), MAX_LABEL_BYTES).replace(AT_THE_ENDS, '');
  return `${label === '' ? 'result' : label}${more.length === 0 ? '' : `-and-${more.length}-more`}`;
}
