import { accessSync, constants, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { whyNotWritten } from '../base/not-written.ts';
import { draftUserDictionary } from '../lexicon/unknown-words.ts';
import type { Checked } from './check.ts';

/**
 * Called before a long check of files, not after it.
 * @throws TaskError E_USAGE
 */
export function assertNew(file: string): void {
  if (existsSync(file)) throw isThere(file);
  try {
    accessSync(path.dirname(file), constants.W_OK);
  } catch (error) {
    throw explain(error, file);
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
  await writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
    throw explain(error, file);
  });
  return file;
}

function explain(error: unknown, file: string): unknown {
  if ((error as NodeJS.ErrnoException).code === 'EEXIST') return isThere(file);
  const why = whyNotWritten(error);
  return why === null ? error : new TaskError('E_USAGE', `--write-dict ${file}: ${why}`, { cause: error });
}

function isThere(file: string): TaskError {
  return new TaskError('E_USAGE', `--write-dict ${file}: it exists already; give another name, or remove it`);
}
