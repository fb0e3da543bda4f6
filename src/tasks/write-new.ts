import { randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { whyNotWritten } from '../base/not-written.ts';

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
    throw explain(error, file);
  }
  await rm(temporary, { force: true });
}

function explain(error: unknown, file: string): unknown {
  if ((error as NodeJS.ErrnoException).code === 'EEXIST') return isThere(file);
  const why = whyNotWritten(error);
  return why === null ? error : new TaskError('E_USAGE', why, { place: { file }, cause: error });
}

/** @throws nothing: what is refused, for the caller to throw */
export function isThere(file: string): TaskError {
  return new TaskError('E_USAGE', 'it exists already; give another name, or --force to replace it', {
    place: { file },
  });
}
