import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { GROUP_READABLE } from './file-mode.ts';

/**
 * Replaces a file by other content, completely or not at all.
 * @param dir - an existing folder, without links on the way
 */
export async function putFile(dir: string, name: string, bytes: Uint8Array): Promise<void> {
  const temporary = path.join(dir, `.${randomUUID()}.part`);
  try {
    const file = await open(temporary, 'wx', GROUP_READABLE);
    try {
      await file.writeFile(bytes);
      // Whatever the umask is: the worker may run as another user of the same group.
      await file.chmod(GROUP_READABLE);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path.join(dir, name));
    await syncFolder(dir);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes the renaming of a file in a folder survive a power cut. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
