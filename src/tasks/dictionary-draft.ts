import { accessSync, constants, existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isThere, toNotWritten } from '../base/not-written.ts';
import { draftUserDictionary } from '../lexicon/unknown-words.ts';
import type { Checked } from './check.ts';

/** For a file that exists. */
const REMOVE = 'remove it';

/**
 * Called before a long check of files, not after it.
 * @throws TaskError E_USAGE
 */
export function assertNew(file: string): void {
  if (existsSync(file)) throw isThere(file, REMOVE);
  try {
    accessSync(path.dirname(file), constants.W_OK);
  } catch (error) {
    throw toNotWritten(error, file, REMOVE);
  }
}

/**
 * Writes a dictionary of the unknown words, for completion by hand; guesses can be used as they are.
 * @returns its path; null: there is no unknown word, and nothing was written
 * @throws TaskError E_USAGE when the file exists or its folder takes none; system errors
 */
export async function writeDictionary(
  file: string,
  { words, resources }: Pick<Checked, 'words' | 'resources'>,
): Promise<string | null> {
  if (words.missing.length === 0) return null;
  const unknown = words.missing.filter(({ guesses }) => guesses.length === 0).map(({ word }) => word);
  const text = draftUserDictionary(words.guessed, unknown, resources.language);
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    // On a full disk a part of the file stays, for which the next check would be refused.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      await rm(file, { force: true }).catch(() => undefined);
    throw toNotWritten(error, file, REMOVE);
  }
  return file;
}
