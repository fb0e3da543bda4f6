import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TaskError, throwFaults } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { dictionaryName } from '../base/input-kinds.ts';
import { findOwnFolder, makeOwnFolder } from '../base/inside.ts';
import { inTemporaryDir } from '../base/make-folder.ts';
import { putFile } from '../base/put-file.ts';
import { dictionaryPath } from '../base/site-layout.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import type { Db } from '../db/connect.ts';
import { withWorkLock } from '../db/work-lock.ts';
import type { Engine } from '../engines/engine.ts';
import type { Uploads } from '../host/uploads.ts';
import { readUsablePhones } from '../lexicon/dictionary.ts';
import type { FindLanguage, Language } from '../lexicon/language.ts';
import { readUserDictionary } from '../lexicon/user-dictionary.ts';
import { chooseResources } from '../pipeline/resources.ts';
import { statOrNull } from './draft-files.ts';
import { type OpenFile, openPlain } from './result-file.ts';

/** Longer dictionaries have to be put in place as files. */
export const MAX_DICTIONARY_BYTES = 16 * 1024 * 1024;
/** The name of given entries in messages. */
const ENTRIES = 'entries';

export interface DictionaryServices {
  readonly db: Db;
  readonly uploads: Uploads;
  readonly findLanguage: FindLanguage;
  readonly engines: ReadonlyMap<string, Engine>;
  readonly taskLimits: Pick<TaskLimits, 'dictionaryLines'>;
}

/** Whose dictionary. */
export interface DictionaryOwner {
  readonly user: string;
  readonly lang: string;
}

export interface StoredDictionary {
  /** Empty when there is none. */
  readonly text: Buffer;
  /** Differs when the text differs. */
  readonly version: string;
}

export interface Entry {
  readonly word: string;
  /** Phones of the full set, with blanks between them. */
  readonly phones: string;
}

/** The user's pronunciations for all tasks of a language. @throws TaskError as `chooseResources`; E_LIMIT */
export async function readDictionary(
  owner: DictionaryOwner,
  services: DictionaryServices,
): Promise<StoredDictionary> {
  const { code } = await findOwnLanguage(owner, services);
  await using uploads = await services.uploads.open();
  return await readStored(uploads.root, { ...owner, lang: code });
}

/**
 * Replaces a user's dictionary, completely or not at all.
 * @param assertMayReplace - throws when what is there, of this version, is not to be replaced; null: it is
 * @throws TaskError E_DICTIONARY_MALFORMED for each bad line, E_LIMIT; what `assertMayReplace` throws
 */
export async function replaceDictionary(
  asked: DictionaryOwner,
  text: Buffer,
  assertMayReplace: ((version: string) => void) | null,
  services: DictionaryServices,
): Promise<StoredDictionary> {
  const language = await findOwnLanguage(asked, services);
  const owner = { ...asked, lang: language.code };
  const name = dictionaryName(language.code);
  await assertGood(text, name, language, services.taskLimits.dictionaryLines);
  await using uploads = await services.uploads.open();
  return await withWorkLock(services.db, nameOf(owner), async () => {
    // A dictionary that cannot be read can still be replaced.
    if (assertMayReplace !== null) assertMayReplace((await readStored(uploads.root, owner)).version);
    return await writeStored(uploads.root, owner, text);
  });
}

/**
 * Adds new pronunciations at the end of a user's dictionary. Existing lines stay.
 * @returns how many were added
 * @throws TaskError E_DICTIONARY_MALFORMED for each bad entry, with its number as the line; E_LIMIT
 */
export async function addEntries(
  asked: DictionaryOwner,
  entries: readonly Entry[],
  services: DictionaryServices,
): Promise<{ readonly added: number; readonly version: string }> {
  const language = await findOwnLanguage(asked, services);
  const owner = { ...asked, lang: language.code };
  const maxLines = services.taskLimits.dictionaryLines;
  throwFaults(
    entries.flatMap(({ word }, index) =>
      /^\S+$/.test(word) && !word.startsWith(';;')
        ? []
        : [
            findingAt(
              'E_DICTIONARY_MALFORMED',
              { file: ENTRIES, line: index + 1 },
              `${JSON.stringify(word)} is not one word; expected no blanks, and no ;; at the beginning`,
            ),
          ],
    ),
  );
  const lines = entries.map(({ word, phones }) => `${word}\t${phones.trim().split(/\s+/).join(' ')}`);
  await assertGood(Buffer.from(lines.join('\n')), ENTRIES, language, maxLines);
  await using uploads = await services.uploads.open();
  return await withWorkLock(services.db, nameOf(owner), async () => {
    const stored = await readStored(uploads.root, owner);
    const former = stored.text.toString('utf8');
    const there = new Set(former.split(/\r?\n/));
    const added = [...new Set(lines)].filter((line) => !there.has(line));
    if (added.length === 0) return { added: 0, version: stored.version };
    if (there.size + added.length > maxLines) {
      throw new TaskError(
        'E_LIMIT',
        `with these the dictionary has more than ${maxLines} lines (MAX_DICTIONARY_LINES)`,
      );
    }
    const gap = former === '' || former.endsWith('\n') ? '' : '\n';
    const text = Buffer.from(`${former}${gap}${added.join('\n')}\n`);
    return { added: added.length, version: (await writeStored(uploads.root, owner, text)).version };
  });
}

async function findOwnLanguage(
  { lang }: DictionaryOwner,
  { findLanguage, engines }: DictionaryServices,
): Promise<Language> {
  return (await chooseResources({ lang, engine: null }, findLanguage, engines)).language;
}

function nameOf({ user, lang }: DictionaryOwner): string {
  return `dictionary ${user} ${lang}`;
}

/** @throws TaskError with all faults at once. @param name - how they name the file */
async function assertGood(text: Buffer, name: string, language: Language, maxLines: number): Promise<void> {
  await inTemporaryDir('autophon-dictionary-', async (dir) => {
    const file = path.join(dir, name);
    await writeFile(file, text);
    const phones = await readUsablePhones(language);
    throwFaults((await readUserDictionary(file, new Set(), { language, phones, maxLines })).faults);
  });
}

async function readStored(root: string, { user, lang }: DictionaryOwner): Promise<StoredDictionary> {
  const relative = dictionaryPath(user, lang);
  // A link may lead to the dictionary of another user; a worker does not follow it either.
  const dir = await findOwnFolder(root, path.posix.dirname(relative));
  const opened = dir === null ? null : await openDictionary(path.join(dir, path.posix.basename(relative)));
  if (opened === null) return toStored(Buffer.alloc(0));
  try {
    if (opened.bytes > MAX_DICTIONARY_BYTES) {
      throw new TaskError(
        'E_LIMIT',
        `the dictionary has more than ${MAX_DICTIONARY_BYTES} bytes; change it as a file`,
      );
    }
    return toStored(await readFile(opened.file));
  } finally {
    await opened.file.close();
  }
}

async function openDictionary(file: string): Promise<OpenFile | null> {
  const stats = await statOrNull(file);
  if (stats === null) return null;
  const opened = stats.isFile() && stats.nlink === 1 ? await openPlain(file) : null;
  if (opened !== null) return opened;
  throw new TaskError(
    'E_PATH_KIND',
    `the dictionary ${path.basename(file)} is a link or no file; expected a plain file. Write it again.`,
  );
}

async function writeStored(
  root: string,
  { user, lang }: DictionaryOwner,
  text: Buffer,
): Promise<StoredDictionary> {
  const relative = dictionaryPath(user, lang);
  const dir = await makeOwnFolder(root, path.posix.dirname(relative));
  await putFile(dir, path.posix.basename(relative), text);
  return toStored(text);
}

function toStored(text: Buffer): StoredDictionary {
  return { text, version: createHash('sha256').update(text).digest('hex').slice(0, 32) };
}
