import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { dictionaryName } from '../../base/input-kinds.ts';
import { resolveInside } from '../../base/inside.ts';
import { dictionaryPath } from '../../base/site-layout.ts';
import type { Language } from '../../lexicon/language.ts';
import type { TaskInput } from '../stage.ts';
import type { UserDictionaryFile } from './inspection.ts';

/**
 * The user dictionary of a task: `<lang>.dict` in the task's folder, otherwise `<user>/dic/<lang>.dict`.
 * @throws TaskError E_PATH_OUTSIDE, or E_PATH_KIND for anything but a plain file
 */
export async function findUserDictionary(
  uploadsDir: string,
  task: Pick<TaskInput, 'userUuid' | 'taskPath'>,
  language: Pick<Language, 'code'>,
): Promise<UserDictionaryFile> {
  const ofUser = dictionaryPath(task.userUuid, language.code);
  for (const name of [`${task.taskPath}/${dictionaryName(language.code)}`, ofUser]) {
    const real = await resolveInside(uploadsDir, name);
    if (real === null) continue;
    await assertPlain(real, path.join(uploadsDir, name), name);
    return { path: real, name };
  }
  return { path: null, name: ofUser };
}

/** A link may lead to files of another user, and opening a pipe waits for its other end. */
async function assertPlain(real: string, wanted: string, name: string): Promise<void> {
  const found = await lstat(real);
  if (real === wanted && found.isFile() && found.nlink === 1) return;
  const kind = real === wanted && !found.isFile() ? 'not a plain file' : 'a link';
  throw new TaskError('E_PATH_KIND', `${kind}; expected a plain file`, { place: { file: name } });
}
