import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';
import { resolveInside } from '../base/inside.ts';
import type { Uploads } from '../host/uploads.ts';
import {
  listEntries,
  type OpenEntry,
  openEntry,
  type ResultEntry,
} from '../pipeline/package/result-entries.ts';

export interface OpenFile {
  /** The caller closes it. */
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
  const found = await openInside(tree.root, downloadPath);
  if (found === null) throw new TaskError('E_NOT_FOUND', 'the result of the task has been removed');
  return found;
}

/** The files in the zip of a task. @throws TaskError E_NOT_FOUND */
export async function listResultFiles(uploads: Uploads, downloadPath: string | null): Promise<ResultEntry[]> {
  const { file } = await openResult(uploads, downloadPath);
  try {
    return await listEntries(file.fd);
  } finally {
    await file.close();
  }
}

/**
 * Opens one of these files for `send`.
 * @throws TaskError E_NOT_FOUND; the errors of `send`
 */
export async function withResultFile(
  uploads: Uploads,
  downloadPath: string | null,
  name: string,
  send: (entry: OpenEntry) => Promise<void>,
): Promise<void> {
  const { file } = await openResult(uploads, downloadPath);
  try {
    const entry = await openEntry(file.fd, name);
    if (entry === null) throw new TaskError('E_NOT_FOUND', `the result has no file ${JSON.stringify(name)}`);
    await send(entry);
  } finally {
    await file.close();
  }
}

/**
 * Opens a plain file below a folder.
 * @returns null: it does not exist, or is not a plain file
 * @throws TaskError E_PATH_OUTSIDE; system errors
 */
export async function openInside(root: string, relative: string): Promise<OpenFile | null> {
  const real = await resolveInside(root, relative);
  return real === null ? null : openPlain(real);
}

/**
 * Opens a file that is not a link, pipe or folder.
 * @returns null: it is one
 * @throws system errors
 */
export async function openPlain(real: string): Promise<OpenFile | null> {
  // Without O_NONBLOCK, opening a pipe would wait for its other end.
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  const stats = await file.stat();
  if (stats.isFile()) return { file, bytes: stats.size, changedAt: stats.mtime };
  await file.close();
  return null;
}
