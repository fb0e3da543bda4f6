import { constants } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';

/**
 * Puts a file under a neutral name: by a hard link or, if the file system does not allow it, by a copy. It makes no symbolic link:
 * an engine in a container or on another machine could not follow it.
 */
export async function placeFile(sourcePath: string, targetPath: string): Promise<void> {
  try {
    await link(sourcePath, targetPath);
  } catch {
    // It is on another file system, or one without links, or belongs to another user. A real fault fails the copy, too.
    await copyFile(sourcePath, targetPath, constants.COPYFILE_FICLONE);
  }
}
