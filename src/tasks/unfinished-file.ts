import type { Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { TaskError } from '../base/errors.ts';
import { GROUP_READABLE } from '../base/file-mode.ts';
import type { HeldLock } from '../db/held-locks.ts';
import { FileWriter } from './file-writer.ts';

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

/** The bytes of a part, and the lock that must be held while they are written. */
export interface Arriving {
  readonly body: AsyncIterable<Buffer>;
  readonly lock: HeldLock;
}

/**
 * Writes bytes as they arrive, and adds them to a hash. Those that arrived before a connection broke are kept.
 * @returns how many there were
 * @throws TaskError E_USAGE when there are more than announced, E_CONFLICT when another process may be writing, too; what
 * the body throws
 */
export async function appendBody(
  file: FileHandle,
  { offset, bytes }: { readonly offset: number; readonly bytes: number },
  { body, lock }: Arriving,
  hash: Hash,
): Promise<number> {
  const writer = new FileWriter(file, offset, () => assertHeld(lock));
  let done = 0;
  try {
    for await (const chunk of body) {
      if (done + chunk.length > bytes) {
        throw new TaskError('E_USAGE', `more than the ${bytes} bytes that were announced`);
      }
      const taken = writer.add(chunk);
      // While it is being written.
      hash.update(chunk);
      await taken;
      done += chunk.length;
    }
  } catch (error) {
    await writer.end().catch(() => undefined);
    throw error;
  }
  await writer.end();
  return done;
}

function assertHeld(lock: HeldLock): void {
  if (!lock.isLost) return;
  throw new TaskError('E_CONFLICT', 'the database did not answer meanwhile; go on where the file ends');
}
