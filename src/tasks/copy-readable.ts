import { constants } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { GROUP_READABLE } from '../base/file-mode.ts';

/**
 * Copies a file; where the file system can, without taking disk space. A copy does not have the mode of its original:
 * the worker might not be allowed to read it, or every user might.
 * @throws system errors: EEXIST when the target is there
 */
export async function copyReadable(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(target, GROUP_READABLE);
}
