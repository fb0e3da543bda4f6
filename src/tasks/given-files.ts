import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Channels } from '../base/channels.ts';
import { TaskError } from '../base/errors.ts';
import { whyNotFound } from '../base/not-found.ts';
import { PLAIN_NAME, PLAIN_NAME_RULE } from '../base/plain-name.ts';
import { uploadsOfUser } from '../base/site-layout.ts';
import type { Language } from '../lexicon/language.ts';
import type { UserDictionaryFile } from '../pipeline/prepare/inspection.ts';
import type { InputPath, PairedFiles } from '../pipeline/prepare/pairs.ts';
import { findUserDictionary } from '../pipeline/prepare/user-dictionary-file.ts';

/** The files and options that a user gives for one task, or for its check. */
export interface InputChoices {
  /** Files and folders; all of them are one task. */
  readonly paths: readonly string[];
  readonly lang: string;
  /** Null: the language's. */
  readonly engine: string | null;
  readonly user: string;
  /** Left out or null: the default of the site. */
  readonly channels?: Channels | null;
  /** A dictionary for this task alone. */
  readonly userDictionaryPath: string | null;
  /** Columns of tables, see `parseColumnChoices`; null: all are found by their names. */
  readonly columns: string | null;
}

/** For one file that has to be decoded to be checked. */
export const DECODE_LIMIT_SEC = 600;

/** @throws TaskError E_USAGE */
export function assertUser(user: string): void {
  if (PLAIN_NAME.test(user)) return;
  throw new TaskError('E_USAGE', `user ${JSON.stringify(user)}: expected ${PLAIN_NAME_RULE}`);
}

/** @throws TaskError E_USAGE */
export async function assertDictionary(userDictionaryPath: string | null): Promise<void> {
  if (userDictionaryPath === null) return;
  const fault = await stat(userDictionaryPath).then(
    (found) => (found.isFile() ? null : 'no such file'),
    (error: unknown) => whyNotFound(error, 'file'),
  );
  if (fault !== null) throw new TaskError('E_USAGE', `user dictionary ${userDictionaryPath}: ${fault}`);
}

/** The dictionary of the task alone, otherwise that of the user in the uploads folder. */
export async function chooseDictionary(
  uploadsDir: string,
  { user, userDictionaryPath }: Pick<InputChoices, 'user' | 'userDictionaryPath'>,
  language: Pick<Language, 'code'>,
): Promise<UserDictionaryFile> {
  const stored = await findUserDictionary(
    uploadsDir,
    { userUuid: user, taskPath: uploadsOfUser(user) },
    language,
  );
  return userDictionaryPath === null ? stored : { path: userDictionaryPath, name: userDictionaryPath };
}

/** Names in messages are relative to where the files lie. */
export function commonDir(files: readonly InputPath[]): string {
  const dirs = files.map((file) => path.dirname(file.path));
  return dirs.reduce((common, dir) => {
    let shared = common;
    while (dir !== shared && !dir.startsWith(`${shared}${path.sep}`) && shared !== path.dirname(shared)) {
      shared = path.dirname(shared);
    }
    return shared;
  }, dirs[0] ?? process.cwd());
}

/** All files that the task needs, each once. */
export function filesOf({ recordings, tables }: Pick<PairedFiles, 'recordings' | 'tables'>): InputPath[] {
  const pairs = recordings.flatMap(({ audio, transcript }) =>
    transcript === null ? [audio] : [audio, transcript],
  );
  return [...pairs, ...tables];
}
