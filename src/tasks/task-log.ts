import { TaskError } from '../base/errors.ts';
import type { FolderHider } from '../base/hide-folders.ts';
import { attemptOfLog } from '../base/site-layout.ts';
import type { Db } from '../db/connect.ts';
import { findTask } from '../db/tasks.ts';
import { logPathOf } from './describe.ts';
import { openInside } from './result-file.ts';

/** Size of one piece. */
const MAX_BYTES = 1024 * 1024;

export interface LogPiece {
  readonly text: Buffer;
  /** Offset of the next piece, in bytes. */
  readonly end: number;
  /** The number of the attempt that wrote the log; null: there has been none. */
  readonly attempt: number | null;
}

/**
 * The output of the programs of the last attempt, from a byte on; empty if there is none yet. It ends at the end of a
 * character.
 * @param hider - replaces the paths of folders by names
 * @throws TaskError E_NOT_FOUND when the task is gone
 */
export async function readTaskLog(
  db: Db,
  taskId: string,
  logsDir: string,
  from: number,
  hider: FolderHider,
): Promise<LogPiece> {
  const task = await findTask(db, taskId);
  if (task === undefined) throw new TaskError('E_NOT_FOUND', `the task ${taskId} has just been deleted`);
  const relative = logPathOf(task);
  const attempt = relative === null ? null : (attemptOfLog(relative) ?? task.fence);
  const opened = relative === null ? null : await openInside(logsDir, relative);
  if (opened === null) return { text: Buffer.alloc(0), end: from, attempt };
  try {
    const start = Math.max(0, from - hider.lookBack);
    const piece = Buffer.alloc(Math.max(0, Math.min(MAX_BYTES, opened.bytes - start)));
    const { bytesRead } = await opened.file.read(piece, 0, piece.length, start);
    const read = piece.subarray(0, bytesRead);
    // A log that has ended may end in a part of a character: its program was killed.
    const isLast = task.task_status !== 'processing' && start + bytesRead >= opened.bytes;
    const whole = isLast ? read : read.subarray(0, wholeCharacters(read));
    const { text, usedBytes } = hider.hide(whole, from - start, isLast);
    return { text, end: from + usedBytes, attempt };
  } finally {
    await opened.file.close();
  }
}

/** The number of bytes without a character of UTF-8 that is cut off at the end. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return wanted > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
