import { constants } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { GROUP_READABLE } from '../base/file-mode.ts';

/**
 * Copies a file, without using disk space if the file system can do that. A copy does not get the mode of its original,
 * with which the worker might not be able to read it, or every user might.
 * @throws system errors: EEXIST when the target is there
 */
export async function copyReadable(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(target, GROUP_READABLE);
}
