import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { type Fault, TaskError } from '../../base/errors.ts';
import { findingAt } from '../../base/finding.ts';
import { inputKindOf, transcriptNames } from '../../base/input-kinds.ts';
import { resolveInside } from '../../base/inside.ts';
import { uploadsOfUser } from '../../base/site-layout.ts';
import type { TaskLimits } from '../../base/task-limits.ts';
import type { TaskInput } from '../stage.ts';
import { FileCounter } from './limits.ts';
import { type InputPath, type PairedFiles, pairUp } from './pairs.ts';

const MAX_DEPTH = 8;

/** What is expected in a folder, for messages. */
export const PAIRS_EXPECTED = `expected recordings (.wav) and, beside each, its transcript of the same name: ${transcriptNames('')}`;

/** The message about a name for which `isUnreadableName` is true. */
export const NOT_UTF8 = 'its name is not UTF-8; rename it';

/** Whether a name has bytes that are not UTF-8. Node replaces them, and the file cannot be opened by that name. */
export function isUnreadableName(name: string): boolean {
  return name.includes('\uFFFD');
}

/** The files of a task. */
export interface InputFiles extends PairedFiles {
  /** Real path of the task's folder. */
  readonly dir: string;
}

/**
 * Finds the pairs of a task in its folder, sub-folders included, in the order of their names.
 * @throws TaskError E_PATH_OUTSIDE, E_NO_FILES, E_LIMIT
 */
export async function findInputFiles(
  uploadsDir: string,
  task: TaskInput,
  limits: Pick<TaskLimits, 'fileCount' | 'inputBytes'>,
): Promise<InputFiles> {
  const dir = await resolveTaskDir(uploadsDir, task);
  const found = new Files(dir, limits);
  await walk(dir, '', 0, found);
  const paired = pairUp(found.files);
  const faults = [...found.faults, ...paired.faults];
  if (paired.recordings.length === 0 && faults.length === 0) throw noFiles(task);
  return { ...paired, dir, faults };
}

/**
 * Real path of a task's folder.
 * @throws TaskError E_PATH_OUTSIDE, E_NO_FILES
 */
export async function resolveTaskDir(uploadsDir: string, task: TaskInput): Promise<string> {
  const [owner] = task.taskPath.split('/');
  if (owner !== task.userUuid) {
    throw new TaskError(
      'E_PATH_OUTSIDE',
      `task_path ${JSON.stringify(task.taskPath)} is not a folder of user ${task.userUuid}: expected ${uploadsOfUser(task.userUuid)}/...`,
    );
  }
  const userDir = await resolveInside(uploadsDir, owner);
  if (userDir === null) throw noFiles(task);
  const dir = await resolveInside(userDir, task.taskPath.slice(owner.length + 1));
  if (dir === null) throw noFiles(task);
  return dir;
}

function noFiles(task: TaskInput): TaskError {
  return new TaskError('E_NO_FILES', `no files in ${JSON.stringify(task.taskPath)}: ${PAIRS_EXPECTED}`);
}

class Files {
  readonly files: InputPath[] = [];
  readonly faults: Fault[] = [];
  readonly sizes: FileCounter;
  readonly #dir: string;

  constructor(dir: string, limits: Pick<TaskLimits, 'fileCount' | 'inputBytes'>) {
    this.#dir = dir;
    this.sizes = new FileCounter(limits);
  }

  refuse(file: string, why: string): void {
    this.faults.push(findingAt('E_PATH_KIND', { file }, why));
  }

  add(relative: string): void {
    // See user-dictionary-file.ts.
    if (inputKindOf(relative) === 'dictionary') return;
    this.files.push({ relative, path: path.join(this.#dir, relative) });
  }
}

async function walk(root: string, relative: string, depth: number, found: Files): Promise<void> {
  const entries = await readdir(path.join(root, relative), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const child = path.posix.join(relative, entry.name);
    // Hidden files belong to the operating system (such as .DS_Store). For audio among them see stray-audio.ts.
    if (entry.name.startsWith('.')) continue;
    if (isUnreadableName(entry.name)) {
      found.refuse(child, NOT_UTF8);
    } else if (entry.isDirectory() && depth < MAX_DEPTH) {
      await walk(root, child, depth + 1, found);
    } else if (entry.isFile()) {
      const { nlink, size } = await lstat(path.join(root, child));
      found.sizes.add(size);
      // Its other name may be in the folder of another user.
      if (nlink > 1) found.refuse(child, 'a hard link, a file with a second name; expected a plain file');
      else found.add(child);
    } else {
      found.refuse(child, `${describeKind(entry)}; expected a plain file`);
    }
  }
}

function describeKind(entry: Dirent): string {
  if (entry.isSymbolicLink()) return 'a symbolic link';
  if (entry.isDirectory()) return `a folder more than ${MAX_DEPTH} levels deep`;
  return 'not a plain file';
}
