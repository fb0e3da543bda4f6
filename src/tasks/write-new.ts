import { randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toNotWritten } from '../base/not-written.ts';

/** For a file that exists. */
export const FORCE = '--force to replace it';

/**
 * Writes a file completely, or not at all.
 * @param parts - its text
 * @param isForced - whether a file of this name is replaced
 * @param check - checks the written file before it gets its name
 * @throws TaskError E_USAGE when the file exists or its folder takes none; what `check` throws; system errors
 */
export async function writeNew(
  file: string,
  parts: readonly string[],
  isForced: boolean,
  check: (filePath: string) => Promise<void>,
): Promise<void> {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}.part`);
  try {
    await writeFile(temporary, parts, { flag: 'wx', flush: true });
    await check(temporary);
    if (isForced) await rename(temporary, file);
    // Unlike a rename, a second link does not replace a file that was made meanwhile.
    else await link(temporary, file);
  } catch (error) {
    // Where nothing can be written, this fails too, and says less.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw toNotWritten(error, file, FORCE);
  }
  await rm(temporary, { force: true });
}
