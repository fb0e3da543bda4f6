import type { Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';
import { GROUP_READABLE } from '../base/file-mode.ts';

/**
 * Opens a new file, or one that is continued.
 * @throws TaskError E_CONFLICT when it does not end at `offset`
 */
export async function openPart(partPath: string, offset: number): Promise<FileHandle> {
  const flags = constants.O_RDWR | constants.O_NOFOLLOW;
  if (offset === 0) {
    const file = await open(partPath, flags | constants.O_CREAT | constants.O_TRUNC, GROUP_READABLE);
    // Whatever the umask is: the worker may run as another user of the same group.
    await file.chmod(GROUP_READABLE);
    return file;
  }
  const file = await open(partPath, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return null;
  });
  const size = file === null ? 0 : (await file.stat()).size;
  if (file === null || size !== offset) {
    await file?.close();
    throw new TaskError(
      'E_CONFLICT',
      `${size} bytes of the file are here: go on at byte ${size}, not at ${offset}`,
    );
  }
  return file;
}

/** Adds the first bytes of a file to a hash. @throws TaskError E_CONFLICT when it has become shorter */
export async function hashAgain(file: FileHandle, bytes: number, hash: Hash): Promise<void> {
  const piece = Buffer.allocUnsafe(1024 * 1024);
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, bytes - done), done);
    if (bytesRead === 0) throw new TaskError('E_CONFLICT', 'the file has become shorter; send it again');
    hash.update(piece.subarray(0, bytesRead));
    done += bytesRead;
  }
}
