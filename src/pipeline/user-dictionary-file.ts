import { resolveInside } from '../base/inside.ts';
import type { Language } from '../lexicon/language.ts';
import type { UserDictionaryFile } from './inspection.ts';
import type { TaskInput } from './stage.ts';

/**
 * The user's own pronunciations for a task: `<lang>.dict` in the task's folder, else the user's
 * `<user>/dic/<lang>.dict`.
 */
export async function findUserDictionary(
  uploadsDir: string,
  task: Pick<TaskInput, 'userUuid' | 'taskPath'>,
  language: Pick<Language, 'code'>,
): Promise<UserDictionaryFile> {
  const ofUser = `${task.userUuid}/dic/${language.code}.dict`;
  for (const name of [`${task.taskPath}/${language.code}.dict`, ofUser]) {
    const path = await resolveInside(uploadsDir, name);
    if (path !== null) return { path, name };
  }
  return { path: null, name: ofUser };
}
