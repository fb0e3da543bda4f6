import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';
import { resolveInside } from '../base/inside.ts';
import type { Uploads } from '../host/uploads.ts';

export interface OpenResult {
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
export async function openResult(uploads: Uploads, downloadPath: string | null): Promise<OpenResult> {
  if (downloadPath === null) throw new TaskError('E_NOT_FOUND', 'the task has no result');
  await using tree = await uploads.open();
  const real = await resolveInside(tree.root, downloadPath);
  if (real === null) throw new TaskError('E_NOT_FOUND', 'the result of the task has been removed');
  const file = await openPlain(real);
  const stats = await file.stat();
  if (stats.isFile()) return { file, bytes: stats.size, changedAt: stats.mtime };
  await file.close();
  throw new TaskError('E_NOT_FOUND', 'the result of the task is not a file');
}

function openPlain(real: string): Promise<FileHandle> {
  // Without O_NONBLOCK, opening a pipe would wait for its other end.
  return open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}
