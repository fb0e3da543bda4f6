import path from 'node:path';
import { inputKindOf } from '../base/input-kinds.ts';
import type { Log } from '../base/log.ts';
import { isDictionaryFolder, isResultPath, suggestionsPath } from '../base/site-layout.ts';
import type { Db } from '../db/connect.ts';
import {
  findNameHolder,
  findOutdated,
  type KeepTimes,
  noteRemoved,
  type OutdatedTask,
  type RemovedFile,
  readClock,
  startRemoval,
} from '../db/retention.ts';
import { type OpenUploads, readFileClock, Uploads } from '../host/uploads.ts';
import { type FoundFile, findFile, finishRemovals, removeFile, type ShouldRemove } from './remove-file.ts';
import { isTaskFolder, listTree, removeTree } from './remove-tree.ts';
import { listUnreachable, removeUnreachableResults } from './results.ts';

/** The limit of tasks in one run; the others come in the next. */
const AT_ONCE = 100;

export interface RetentionOptions {
  readonly db: Db;
  readonly uploadsDir: string;
  readonly keep: KeepTimes;
  readonly log: Log;
  /** When it is told to stop, it finishes the current task. */
  readonly signal?: AbortSignal;
}

export interface Removal {
  readonly taskId: string;
  readonly status: OutdatedTask['task_status'];
  readonly files: readonly string[];
  readonly bytes: number;
  /** Whether nothing more has to be removed. False if another task uses the folder. */
  readonly isOver: boolean;
}

/** What `removeOutdated` would remove now; nothing is changed. */
export async function previewOutdated({ db, uploadsDir, keep }: RetentionOptions): Promise<Removal[]> {
  const removals: Removal[] = [];
  const outdated = await findOutdated(db, keep, AT_ONCE);
  if (outdated.length === 0) return [];
  await using uploads = await new Uploads(db, uploadsDir).open();
  for (const task of outdated) {
    const files: FoundFile[] = [];
    if (hasOwnFolder(task)) files.push(...((await listTree(uploads.root, task.task_path)) ?? []));
    const results = await listUnreachable(uploads.root, task, () => findOtherHolder(db, task));
    for (const folder of results) files.push(...((await listTree(uploads.root, folder)) ?? []));
    const draft = await findFile(uploads.root, suggestionsPath(task));
    if (draft !== null) files.push(draft);
    removals.push(describe(task, files));
  }
  return removals;
}

/**
 * Removes the files of tasks that are expired, deleted, or older than they are kept: first a mark in the row, then the
 * files, then the receipts. No transaction is open while files go. A process that dies in between leaves the rest to
 * the next one.
 */
export async function removeOutdated(options: RetentionOptions): Promise<Removal[]> {
  const { db, uploadsDir, keep, log, signal } = options;
  const removals: Removal[] = [];
  const outdated = await findOutdated(db, keep, AT_ONCE);
  if (outdated.length === 0) return [];
  await using uploads = await new Uploads(db, uploadsDir).open();
  const clocks = new Clocks(db, uploads);
  // Folders of drafts, which hold those of all tasks of a user: one look in each is enough.
  const finished = new Set<string>();
  for (const found of outdated) {
    signal?.throwIfAborted();
    try {
      const task = await startRemoval(
        db,
        found,
        keep,
        'its files were removed: they had been kept long enough',
      );
      if (task === undefined) continue;
      const files = await removeFiles(task, options, uploads, clocks, finished);
      await noteRemoved(db, task, files.map(toReceipt));
      const removal = describe(found, files);
      removals.push(removal);
      log.info('files.removed', {
        taskId: removal.taskId,
        status: removal.status,
        files: removal.files.length,
        bytes: removal.bytes,
      });
    } catch (error) {
      // One task that cannot be cleaned up must not stop the others.
      log.error('files.not_removed', { taskId: found.task_id, error });
    }
  }
  return removals;
}

async function removeFiles(
  task: OutdatedTask,
  { db, log }: RetentionOptions,
  { root }: OpenUploads,
  clocks: Clocks,
  finished: Set<string>,
): Promise<FoundFile[]> {
  const files: FoundFile[] = [];
  if (hasOwnFolder(task)) {
    files.push(...(await removeTree(root, task.task_path, await filesOf(task, clocks))));
    const kept = (await listTree(root, task.task_path)) ?? [];
    if (kept.length > 0)
      log.info('files.kept_as_newer', {
        taskId: task.task_id,
        folder: task.task_path,
        files: kept.length,
      });
  }
  files.push(...(await removeUnreachableResults(root, task, () => findOtherHolder(db, task))));
  const drafts = path.dirname(suggestionsPath(task));
  if (!finished.has(drafts)) files.push(...(await finishRemovals(root, drafts)));
  finished.add(drafts);
  const draft = await findFile(root, suggestionsPath(task));
  if (draft !== null && (await removeFile(root, draft.path)) === 'removed') files.push(draft);
  return files;
}

/**
 * The files of a folder that belong to a task. When its row is deleted, the folder is free: later files belong to an
 * upload for a new task.
 */
async function filesOf({ recorded_at }: OutdatedTask, clocks: Clocks): Promise<ShouldRemove> {
  if (recorded_at === null) return () => true;
  const limitMs = recorded_at.getTime() + (await clocks.readAheadMs());
  return ({ ctimeMs }) => Number(ctimeMs) <= limitMs;
}

/** The clocks of the database and of the file system that holds UPLOADS. */
class Clocks {
  readonly #db: Db;
  readonly #uploads: OpenUploads;
  #aheadMs: number | null = null;

  constructor(db: Db, uploads: OpenUploads) {
    this.#db = db;
    this.#uploads = uploads;
  }

  /** How far the file system's clock is ahead, measured once. Asked in this order, a file is rather taken for an old one. */
  async readAheadMs(): Promise<number> {
    if (this.#aheadMs !== null) return this.#aheadMs;
    const databaseMs = (await readClock(this.#db)).getTime();
    this.#aheadMs = (await readFileClock(this.#uploads)) - databaseMs;
    return this.#aheadMs;
  }
}

/** A folder that another task uses stays until that one goes; one that a row could not have meant is left alone. */
function hasOwnFolder(task: OutdatedTask): task is OutdatedTask & { readonly task_path: string } {
  return !task.is_shared && task.task_path !== null && isTaskFolder(task.task_path, task.user_uuid);
}

/** A row of the same name, but not the task itself: its own results are to go. */
async function findOtherHolder(db: Db, task: OutdatedTask) {
  const holder = await findNameHolder(db, task);
  return holder === null || holder.id === task.id ? null : holder;
}

function toReceipt({ path: relative, bytes }: FoundFile): RemovedFile {
  return { kind: kindOf(relative), path: relative, original_name: path.basename(relative), bytes };
}

function kindOf(relative: string): RemovedFile['kind'] {
  if (isResultPath(relative)) return 'output';
  const kind = inputKindOf(relative);
  if (kind === 'dictionary' || isDictionaryFolder(relative)) return 'held';
  return kind ?? 'audio';
}

function describe(task: OutdatedTask, files: readonly FoundFile[]): Removal {
  return {
    taskId: task.task_id,
    status: task.task_status,
    files: files.map((file) => file.path),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    isOver: task.task_status !== 'deleted' || !task.is_shared,
  };
}
