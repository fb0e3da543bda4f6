import { constants } from 'node:fs';
import { copyFile, link } from 'node:fs/promises';

/**
 * Gives a file a second, neutral name: a hard link where the file system allows it, else a copy. Never a symbolic
 * link: an engine in a container or on another machine could not follow it.
 */
export async function placeFile(sourcePath: string, targetPath: string): Promise<void> {
  try {
    await link(sourcePath, targetPath);
  } catch {
    // Another file system, one without links, or a file of another user: the copy says what is really wrong.
    await copyFile(sourcePath, targetPath, constants.COPYFILE_FICLONE);
  }
}
