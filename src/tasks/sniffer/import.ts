import { mkdir, open, rename, rm, rmdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../../base/bytes.ts';
import { type Fault, TaskError, toTaskError } from '../../base/errors.ts';
import { hashFile } from '../../base/file-hash.ts';
import { findingAt } from '../../base/finding.ts';
import { inOrder } from '../../base/in-order.ts';
import { findOwnFolder, makeOwnFolder } from '../../base/inside.ts';
import { attemptName, resultsPath, type TaskName, uploadPath } from '../../base/site-layout.ts';
import type { FileRow } from '../../db/attempts.ts';
import type { Db } from '../../db/connect.ts';
import {
  beginImport,
  endImport,
  forgetDictionary,
  forgetImport,
  type ImportedEnd,
  listDictionaries,
  noteDictionary,
  type Undone,
  undoImports,
} from '../../db/imports.ts';
import { isDatabaseAway } from '../../db/statement-fault.ts';
import type { Uploads } from '../../host/uploads.ts';
import { downloadName } from '../../pipeline/package/download-name.ts';
import { listEntries } from '../../pipeline/package/result-entries.ts';
import { copyReadable } from '../copy-readable.ts';
import { openPlain } from '../result-file.ts';
import { storableName } from '../task-name.ts';
import { folderTaken, type PlannedFile } from './old-files.ts';
import type { Plan, PlannedTask } from './plan.ts';

/** Tasks that are imported as history at the same time; the pool has a connection for each. */
const HISTORY_AT_ONCE = 4;
/** In the place of the claim of an attempt. */
const NO_CLAIM = '0';

export interface ImportOptions {
  readonly db: Db;
  readonly uploads: Uploads;
  /** Name of the source, in faults. */
  readonly sourceName: string;
  /** Kept free on the disk of UPLOADS. */
  readonly minFreeDiskBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number) => void;
}

export interface ImportReport {
  readonly imported: readonly PlannedTask[];
  readonly dictionaries: number;
  readonly faults: readonly Fault[];
}

/**
 * Carries out a plan. A task that fails is undone and reported, and the others go on. If the process dies, the next
 * import goes on with the unfinished tasks.
 * @throws TaskError E_DISK_FULL before anything is copied; database errors; the reason of `signal`
 */
export async function runImport(plan: Plan, options: ImportOptions): Promise<ImportReport> {
  const { signal, onProgress, sourceName, db } = options;
  await using uploads = await options.uploads.open();
  const files = [...plan.tasks.flatMap((task) => task.files), ...plan.dictionaries];
  await assertSpace(uploads.root, files, options.minFreeDiskBytes);
  const imported = new Set<PlannedTask>();
  const faults: Fault[] = [];
  const importOne = async (task: PlannedTask): Promise<Fault | null> => {
    signal.throwIfAborted();
    try {
      await importTask(task, uploads.root, db);
      imported.add(task);
      onProgress(imported.size);
      return null;
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      const { code, message } = toTaskError(error);
      const place = { file: sourceName, line: task.old.line };
      return findingAt(code, place, `task ${task.old.oldId}: ${message}`);
    }
  };
  const isOpen = ({ fate }: PlannedTask) => fate === 'queued' || fate === 'draft';
  const { true: open = [], false: ended = [] } = Object.groupBy(plan.tasks, (task) => `${isOpen(task)}`);
  // Each waits for the disk several times. Tasks that are queued go one by one, because they take their turns in this
  // order.
  for await (const fault of inOrder(ended, HISTORY_AT_ONCE, importOne))
    if (fault !== null) faults.push(fault);
  for await (const fault of inOrder(open, 1, importOne)) if (fault !== null) faults.push(fault);
  let dictionaries = 0;
  for (const file of plan.dictionaries) if (await importDictionary(file, uploads.root, db)) dictionaries++;
  return { imported: plan.tasks.filter((task) => imported.has(task)), dictionaries, faults };
}

async function assertSpace(root: string, files: readonly PlannedFile[], minFreeBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  const needed = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (free - needed >= minFreeBytes) return;
  throw new TaskError(
    'E_DISK_FULL',
    `UPLOADS: ${formatBytes(free)} free, expected ${formatBytes(needed)} for the files and ${formatBytes(minFreeBytes)} ` +
      '(MIN_FREE_DISK) beside; free some, or import fewer tasks',
  );
}

async function importTask(task: PlannedTask, root: string, db: Db): Promise<void> {
  const { old, fate, lang, engine, files, begun } = task;
  const name = { user_uuid: old.user, task_id: old.oldId };
  const taskPath = uploadPath(name);
  const hasInputs = files.some(({ target }) => target !== null);
  // Before the row: a folder beside an unfinished row is that of a killed import.
  if (hasInputs) await takeFolder(root, taskPath, begun !== null);
  const id =
    begun ??
    (await beginImport(db, {
      ...name,
      lang,
      engine,
      task_path: taskPath,
      trans_choice: old.transChoice,
      name: old.name === null ? null : storableName(old.name),
      no_of_files: old.counts.no_of_files,
      size_bytes: hasInputs ? files.reduce((sum, { bytes }) => sum + bytes, 0) : null,
      created_at: old.createdAt,
    }));
  try {
    for (const { path: source, target } of files) if (target !== null) await copyInto(root, source, target);
    await endImport(db, id, await makeEnd({ old, fate, files }, id, root));
  } catch (error) {
    if (!isDatabaseAway(error)) {
      await forgetImport(db, id);
      if (hasInputs) await removeFolder(root, taskPath).catch(() => undefined);
    }
    throw error;
  }
}

/**
 * Makes the folder of a task. A folder that exists does not belong to the import, unless it is empty.
 * @param isOurs - the task was begun: files of a killed import are removed
 * @throws TaskError E_CONFLICT
 */
async function takeFolder(root: string, taskPath: string, isOurs: boolean): Promise<void> {
  const parent = await makeOwnFolder(root, path.posix.dirname(taskPath));
  const dir = path.join(parent, path.posix.basename(taskPath));
  if (isOurs) await removeFolder(root, taskPath);
  else await rmdir(dir).catch(() => undefined);
  await mkdir(dir).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? folderTaken(taskPath) : error;
  });
}

async function removeFolder(root: string, taskPath: string): Promise<void> {
  const dir = await findOwnFolder(root, taskPath);
  if (dir !== null) await rm(dir, { recursive: true });
}

async function makeEnd(
  { old, fate, files }: Pick<PlannedTask, 'old' | 'fate' | 'files'>,
  id: string,
  root: string,
): Promise<ImportedEnd> {
  if (fate === 'draft' || fate === 'queued') return { kind: fate };
  const at = old.endedAt ?? old.createdAt ?? new Date();
  if (fate === 'failed') {
    const said = old.errorText === null ? '' : `: ${old.errorText}`;
    return { kind: 'failed', at, error: `it failed in the older worker${said}` };
  }
  const [result] = files;
  if (fate !== 'completed' || result === undefined)
    return { kind: fate === 'cancelled' ? 'cancelled' : 'expired', at };
  const { no_of_files: _, ...counts } = old.counts;
  return {
    kind: 'completed',
    at,
    result: {
      startedAt: old.createdAt ?? at,
      downloadName: downloadName({ taskId: old.oldId, number: id }, old.name === null ? [] : [old.name]),
      counts,
      place: await copyResult(result.path, { user_uuid: old.user, task_id: old.oldId, id }, root),
    },
  };
}

/**
 * Copies a result, before rows are locked, since that may take long. Until it has its place it is in a folder that no row
 * leads to, as if of an attempt that died: if this process dies, workers remove it.
 * @returns what moves it to its place
 */
async function copyResult(
  source: string,
  { id, ...task }: TaskName & { readonly id: string },
  root: string,
): Promise<(claim: string) => Promise<FileRow>> {
  const results = resultsPath(task);
  const folderOf = (claim: string) => `${results}/${attemptName({ id, claim })}`;
  const copied = folderOf(NO_CLAIM);
  const name = `${task.task_id}.zip`;
  await assertZip(source);
  await removeFolder(root, copied);
  await copyInto(root, source, `${copied}/${name}`);
  const hash = await hashFile(path.join(root, copied, name));
  return async (claim) => {
    const placed = folderOf(claim);
    await rename(path.join(root, copied), path.join(root, placed));
    return { kind: 'output', path: `${placed}/${name}`, original_name: name, version: null, ...hash };
  };
}

/** Otherwise the user would be the first to find a result that cannot be opened. */
async function assertZip(file: string): Promise<void> {
  await using handle = await open(file, 'r');
  await listEntries(handle.fd).catch((error: unknown) => {
    throw new TaskError(
      'E_OUTPUT_INVALID',
      `its result ${file} is no whole zip; make it again with the older worker`,
      {
        cause: error,
      },
    );
  });
}

/** No level may be a link, which could put the copy into another user's folder. */
async function copyInto(root: string, source: string, relative: string): Promise<void> {
  const dir = await makeOwnFolder(root, path.posix.dirname(relative));
  // Held open, so that the file that was checked is the one that is copied.
  const opened = await openPlain(source);
  if (opened === null) throw new TaskError('E_PATH_KIND', `${source}: expected a plain file`);
  try {
    await copyReadable(`/proc/self/fd/${opened.file.fd}`, path.join(dir, path.basename(relative)));
  } finally {
    await opened.file.close();
  }
}

/** @returns false: there is one here already, or it was copied before and removed since */
async function importDictionary(
  { path: source, target }: PlannedFile,
  root: string,
  db: Db,
): Promise<boolean> {
  if (target === null) return false;
  const { sha256 } = await hashFile(source);
  if (!(await noteDictionary(db, target, sha256))) return false;
  try {
    await copyInto(root, source, target);
    return true;
  } catch (error) {
    await forgetDictionary(db, target);
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export interface UndoReport extends Undone {
  readonly dictionaries: number;
  /** Dictionaries that were changed here since. */
  readonly keptDictionaries: readonly string[];
}

/** Undoes all imports. Workers remove the files of tasks, like those of any deleted task. */
export async function undoImport(db: Db, uploads: Uploads, isDryRun: boolean): Promise<UndoReport> {
  await using tree = await uploads.open();
  const undone = await undoImports(db, isDryRun);
  const keptDictionaries: string[] = [];
  let dictionaries = 0;
  for (const { path: relative, sha256 } of await listDictionaries(db)) {
    const dir = await findOwnFolder(tree.root, path.posix.dirname(relative));
    const file = dir === null ? null : path.join(dir, path.basename(relative));
    const found = file === null ? null : await hashFile(file).catch(() => null);
    if (found !== null && found.sha256 !== sha256) {
      keptDictionaries.push(relative);
      continue;
    }
    if (found !== null) dictionaries++;
    if (isDryRun) continue;
    if (file !== null) await rm(file, { force: true });
    await forgetDictionary(db, relative);
  }
  return { ...undone, dictionaries, keptDictionaries };
}
