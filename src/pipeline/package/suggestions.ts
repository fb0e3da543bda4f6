import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { GROUP_READABLE } from '../../base/file-mode.ts';
import { makeOwnFolder } from '../../base/inside.ts';
import { draftUserDictionary } from '../../lexicon/unknown-words.ts';
import { UNKNOWN_SPEECH } from '../../lexicon/words.ts';
import type { Prepared } from '../prepared.ts';

/** The pronunciations that were guessed for a task, as a dictionary to correct; null when none were. */
export function draftSuggestions({ lexicon, language }: Prepared): string | null {
  if (lexicon.suggested.size === 0) return null;
  const guessed = [...lexicon.suggested].flatMap((word) =>
    (lexicon.complex.get(word) ?? []).map((phones) => ({ word, phones })),
  );
  const unknown = lexicon.unknown.filter((word) => word !== UNKNOWN_SPEECH);
  return draftUserDictionary(guessed, unknown, language);
}

/**
 * Writes a task's suggestions where its user finds them: `<user>/dic/missing/<name>.txt`. The file appears complete or not
 * at all, and a second call replaces it. Only for completed tasks: a failed one may not have used the suggestions.
 * @param place - below the uploads folder, see `suggestionsPath`
 * @throws TaskError E_PATH_OUTSIDE when one of the folders is a link; system errors
 */
export async function publishSuggestions(uploadsDir: string, place: string, text: string): Promise<void> {
  const target = path.join(await makeOwnFolder(uploadsDir, path.dirname(place)), path.basename(place));
  const part = `${target}.part`;
  await rm(part, { force: true });
  try {
    // Exclusive: a link that is put there meanwhile is not followed.
    const handle = await open(part, 'wx', GROUP_READABLE);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, target);
  } finally {
    await rm(part, { force: true });
  }
}
