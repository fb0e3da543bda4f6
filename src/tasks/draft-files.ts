import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { AUDIO_EXTENSIONS, inputKindOf, TRANSCRIPT_EXTENSIONS } from '../base/input-kinds.ts';
import { findOwnFolder } from '../base/inside.ts';
import { MAX_PART_BYTES, safePart } from '../base/safe-names.ts';
import { type OpenFile, openPlain } from './result-file.ts';

/**
 * Folder for files that have not arrived completely, inside the folder of the task. It is hidden, so that neither
 * worker nor check takes them for inputs. Recordings keep their extension, so that a worker removes unfinished ones
 * together with the audio.
 */
const UNFINISHED_DIR = '.unfinished';
/** The depth to which a worker searches. */
const MAX_DEPTH = 8;
const MAX_NAME_CHARS = 1000;

export interface DraftFile {
  /** With `/` between folders. */
  readonly name: string;
  /** Size that has arrived. */
  readonly bytes: number;
  readonly isComplete: boolean;
}

/**
 * The name of a file within its task, as it is stored.
 * @throws TaskError E_PATH_KIND for a name that leads out of the folder, cannot be stored on every system, or is not an
 * input
 */
export function parseFileName(given: string): string {
  const name = given.normalize('NFC');
  const parts = name.split('/');
  const isSafe = parts.every((part) => part !== '' && !part.startsWith('.') && safePart(part) === part);
  if (!isSafe || parts.length > MAX_DEPTH || name.length > MAX_NAME_CHARS || name.includes('\uFFFD')) {
    throw new TaskError(
      'E_PATH_KIND',
      `a file cannot be called ${JSON.stringify(given.slice(0, 100))}: expected a name, or folders and a name with / between ` +
        `them (at most ${MAX_DEPTH} levels, each name at most ${MAX_PART_BYTES} bytes), that do not begin with a dot and have ` +
        'none of < > : " | ? * \\ and no invisible characters; nor names of devices on Windows, such as CON. Rename the file.',
    );
  }
  if (inputKindOf(name) === null) {
    throw new TaskError(
      'E_PATH_KIND',
      `${JSON.stringify(name)} is no recording, transcript or dictionary by its name: expected one of ` +
        `.${[...AUDIO_EXTENSIONS, ...TRANSCRIPT_EXTENSIONS, 'dict'].join(' .')}. Leave it out, or rename it.`,
    );
  }
  return name;
}

/** Where a file is while it arrives, relative to UPLOADS. */
export function unfinishedPath(
  taskPath: string,
  name: string,
): { readonly dir: string; readonly file: string } {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 32);
  return { dir: `${taskPath}/${UNFINISHED_DIR}`, file: `${hash}${path.extname(name).toLowerCase()}.part` };
}

/** The files of a draft, sorted by name, without files that are arriving. */
export async function listDraftFiles(root: string, taskPath: string): Promise<DraftFile[]> {
  const dir = await findOwnFolder(root, taskPath);
  if (dir === null) return [];
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.split(path.sep).some((part) => part.startsWith('.')))
    .sort();
  const files: DraftFile[] = [];
  for (const name of names) {
    const stats = await statOrNull(path.join(dir, name));
    if (stats !== null) files.push({ name, bytes: stats.size, isComplete: true });
  }
  return files;
}

/**
 * How much of a file has arrived.
 * @returns null: nothing
 */
export async function findDraftFile(root: string, taskPath: string, name: string): Promise<DraftFile | null> {
  const unfinished = unfinishedPath(taskPath, name);
  for (const [relative, isComplete] of [
    [`${unfinished.dir}/${unfinished.file}`, false],
    [`${taskPath}/${name}`, true],
  ] as const) {
    const stats = await findOwnFile(root, relative);
    if (stats !== null) return { name, bytes: stats.size, isComplete };
  }
  return null;
}

/**
 * Opens a file that has arrived completely.
 * @throws TaskError E_NOT_FOUND
 */
export async function openDraftFile(root: string, taskPath: string, name: string): Promise<OpenFile> {
  const dir = await findOwnFolder(root, path.posix.dirname(`${taskPath}/${name}`));
  const real = dir === null ? null : path.join(dir, path.posix.basename(name));
  const found = real === null || (await statOrNull(real)) === null ? null : await openPlain(real);
  if (found === null) throw new TaskError('E_NOT_FOUND', `the task has no file ${JSON.stringify(name)}`);
  return found;
}

/** Files of a draft that are not complete: their paths, relative to UPLOADS, and how much has arrived. */
export async function listUnfinished(
  root: string,
  taskPath: string,
): Promise<{ readonly path: string; readonly bytes: number }[]> {
  const relative = `${taskPath}/${UNFINISHED_DIR}`;
  const dir = await findOwnFolder(root, relative);
  if (dir === null) return [];
  return Promise.all(
    (await readdir(dir)).map(async (name) => ({
      path: `${relative}/${name}`,
      bytes: (await statOrNull(path.join(dir, name)))?.size ?? 0,
    })),
  );
}

/** Removes files that have not arrived completely. */
export async function removeUnfinished(root: string, taskPath: string): Promise<void> {
  const dir = await findOwnFolder(root, `${taskPath}/${UNFINISHED_DIR}`);
  if (dir !== null) await rm(dir, { recursive: true, force: true });
}

/** A file below `root`, in folders of its own. @returns null: there is none */
export async function findOwnFile(root: string, relative: string): Promise<Stats | null> {
  const dir = await findOwnFolder(root, path.posix.dirname(relative));
  const stats = dir === null ? null : await statOrNull(path.join(dir, path.posix.basename(relative)));
  return stats?.isFile() ? stats : null;
}

export async function statOrNull(file: string): Promise<Stats | null> {
  return lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}
