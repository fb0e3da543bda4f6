import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';
import { resolveInside } from '../base/inside.ts';
import type { Uploads } from '../host/uploads.ts';

export interface OpenFile {
  /** For its reader to close. */
  readonly file: FileHandle;
  readonly bytes: number;
  readonly changedAt: Date;
}

/**
 * Opens the zip of a task.
 * @param downloadPath - of the row; null: there is none
 * @throws TaskError E_NOT_FOUND
 */
export async function openResult(uploads: Uploads, downloadPath: string | null): Promise<OpenFile> {
  if (downloadPath === null) throw new TaskError('E_NOT_FOUND', 'the task has no result');
  await using tree = await uploads.open();
  const real = await resolveInside(tree.root, downloadPath);
  if (real === null) throw new TaskError('E_NOT_FOUND', 'the result of the task has been removed');
  return openPlain(real, 'the result of the task');
}

/**
 * Opens a file that is no link, pipe or folder.
 * @param what - it is, for the message
 * @throws TaskError E_NOT_FOUND; system errors
 */
export async function openPlain(real: string, what: string): Promise<OpenFile> {
  // Without O_NONBLOCK, opening a pipe would wait for its other end.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = await file.stat();
  if (stats.isFile()) return { file, bytes: stats.size, changedAt: stats.mtime };
  await file.close();
  throw new TaskError('E_NOT_FOUND', `${what} is not a file`);
}
