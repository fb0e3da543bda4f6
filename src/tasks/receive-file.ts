import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../base/bytes.ts';
import { TaskError } from '../base/errors.ts';
import { findOwnFolder, makeOwnFolder } from '../base/inside.ts';
import type { TaskLimits } from '../base/task-limits.ts';
import type { Db } from '../db/connect.ts';
import { readDraft } from '../db/drafts.ts';
import type { HeldLock, HeldLocks } from '../db/held-locks.ts';
import type { Uploads } from '../host/uploads.ts';
import { DraftCounts } from './draft-counts.ts';
import {
  type DraftFile,
  findDraftFile,
  findOwnFile,
  listDraftFiles,
  listUnfinished,
  openDraftFile,
  statOrNull,
  unfinishedPath,
} from './draft-files.ts';
import { notADraft } from './drafts.ts';
import type { Quota } from './quota.ts';
import type { OpenFile } from './result-file.ts';
import { type Arriving, appendBody, hashAgain, openPart } from './unfinished-file.ts';

/** Files of one draft that have begun to arrive and are not complete: a page sends a few at the same time. */
const MAX_UNFINISHED = 100;

export interface ReceiverServices {
  readonly db: Db;
  readonly uploads: Uploads;
  /** Another process may serve the same UPLOADS. */
  readonly locks: HeldLocks;
  readonly taskLimits: Pick<TaskLimits, 'fileCount' | 'inputBytes'>;
  readonly quota: Quota;
}

/** The part of a file that arrives. */
export interface UploadPart {
  /** Where it begins. */
  readonly offset: number;
  readonly bytes: number;
  /** Of the whole file. */
  readonly total: number;
}

export interface Received extends DraftFile {
  /** Null: the file is not complete. */
  readonly sha256: string | null;
  /** Whether no file had this name before. */
  readonly isNew: boolean;
}

/** A file that is there as a whole. */
interface WholeFile {
  readonly bytes: number;
  readonly changedAt: Date;
}

/** The file that arrives; `former` is the one that it replaces. */
interface Target {
  readonly name: string;
  readonly former: WholeFile | null;
}

type Draft = NonNullable<Awaited<ReturnType<typeof readDraft>>> & { readonly task_path: string };

/**
 * Puts files into the folders of drafts as they arrive. A file gets its name when it is complete. Data that arrived
 * before a connection broke is kept, and the rest may follow.
 */
export class FileReceiver {
  readonly #services: ReceiverServices;
  /** Files that are being sent. Of two requests that send the same file, one is refused. */
  readonly #arriving = new Set<string>();
  /** Future size by path of the unfinished file: a file that has begun to arrive counts with its full size. */
  readonly #announced = new Map<string, number>();
  readonly #counts: DraftCounts;

  constructor(services: ReceiverServices) {
    this.#services = services;
    this.#counts = new DraftCounts(services.db);
  }

  /**
   * @param rowId - `tasks.id` of the draft
   * @param name - from `parseFileName`
   * @param assertMayReplace - refuses to replace what is there as a whole; null: nothing is
   * @throws TaskError E_CONFLICT, E_LIMIT; what `body` and `assertMayReplace` throw
   */
  async receive(
    rowId: string,
    name: string,
    part: UploadPart,
    body: AsyncIterable<Buffer>,
    assertMayReplace: (whole: WholeFile | null) => void = () => undefined,
  ): Promise<Received> {
    return await this.#alone(rowId, name, 'wait for its end', async (lock) => {
      const draft = await this.#findDraft(rowId);
      await using uploads = await this.#services.uploads.open();
      const former = await findWhole(uploads.root, `${draft.task_path}/${name}`);
      assertMayReplace(former);
      return await this.#write(draft, { name, former }, part, { body, lock }, uploads.root);
    });
  }

  /** Works on a file while no other request, here or in another process, does. */
  async #alone<T>(rowId: string, name: string, fix: string, act: (lock: HeldLock) => Promise<T>): Promise<T> {
    const key = `${rowId}/${name}`;
    const busy = () => new TaskError('E_CONFLICT', `${JSON.stringify(name)} is being sent already; ${fix}`);
    if (this.#arriving.has(key)) throw busy();
    this.#arriving.add(key);
    try {
      await using lock = await this.#services.locks.take(`upload ${key}`);
      if (lock === null) throw busy();
      return await act(lock);
    } finally {
      this.#arriving.delete(key);
    }
  }

  /** Complete files. */
  list(rowId: string): Promise<DraftFile[]> {
    return this.#lookInto(rowId, listDraftFiles);
  }

  /** How much of a file has arrived; null: nothing. */
  find(rowId: string, name: string): Promise<DraftFile | null> {
    return this.#lookInto(rowId, (root, taskPath) => findDraftFile(root, taskPath, name));
  }

  /** Opens a complete file. @throws TaskError E_NOT_FOUND */
  open(rowId: string, name: string): Promise<OpenFile> {
    return this.#lookInto(rowId, (root, taskPath) => openDraftFile(root, taskPath, name));
  }

  async #lookInto<T>(rowId: string, look: (root: string, taskPath: string) => Promise<T>): Promise<T> {
    const draft = await this.#findDraft(rowId);
    await using uploads = await this.#services.uploads.open();
    return await look(uploads.root, draft.task_path);
  }

  /** @returns whether a file had this name */
  async remove(rowId: string, name: string): Promise<boolean> {
    return await this.#alone(rowId, name, 'break that off first', () => this.#remove(rowId, name));
  }

  async #remove(rowId: string, name: string): Promise<boolean> {
    const draft = await this.#findDraft(rowId);
    await using uploads = await this.#services.uploads.open();
    const unfinished = unfinishedPath(draft.task_path, name);
    const found = await findDraftFile(uploads.root, draft.task_path, name);
    if (found === null) return false;
    const partsDir = await findOwnFolder(uploads.root, unfinished.dir);
    if (partsDir !== null) await rm(path.join(partsDir, unfinished.file), { force: true });
    const dir = await findOwnFolder(uploads.root, path.posix.dirname(`${draft.task_path}/${name}`));
    const file = dir === null ? null : path.join(dir, path.posix.basename(name));
    const whole = file === null ? null : await statOrNull(file);
    if (file === null || whole === null) return true;
    // Like a file that has not arrived yet, until the removal is recorded: it can be restored or removed again.
    const partPath = path.join(await makeOwnFolder(uploads.root, unfinished.dir), unfinished.file);
    const change = { files: -1, bytes: -whole.size };
    const isDraft = await this.#counts.change(
      draft,
      uploads.root,
      change,
      () => rename(file, partPath),
      () => rename(partPath, file),
    );
    if (!isDraft) throw notADraft();
    await rm(partPath, { force: true });
    return true;
  }

  async #findDraft(rowId: string): Promise<Draft> {
    const draft = await readDraft(this.#services.db, rowId);
    if (draft === undefined || draft.task_path === null) throw notADraft();
    return { ...draft, task_path: draft.task_path };
  }

  async #write(
    draft: Draft,
    { name, former }: Target,
    part: UploadPart,
    arriving: Arriving,
    root: string,
  ): Promise<Received> {
    const place = unfinishedPath(draft.task_path, name);
    const dir = await makeOwnFolder(root, place.dir);
    const partPath = path.join(dir, place.file);
    const key = `${place.dir}/${place.file}`;
    await this.#assertRoom(draft, part, former, root, key);
    using _ = await this.#services.quota.reserve(draft.user_uuid, key, part.total, former?.bytes);
    this.#announced.set(key, part.total);
    const hash = createHash('sha256');
    let received: number;
    try {
      await using file = await openPart(partPath, part.offset);
      // A file in many parts is read again once, with the last part.
      if (part.offset > 0 && part.offset + part.bytes >= part.total) await hashAgain(file, part.offset, hash);
      received = part.offset + (await appendBody(file, part, arriving, hash));
    } catch (error) {
      await this.#drop(draft, partPath);
      throw error;
    } finally {
      this.#announced.delete(key);
    }
    if (received < part.total)
      return { name, bytes: received, isComplete: false, sha256: null, isNew: false };
    const isNew = await this.#finish(draft, name, part.total, partPath, root);
    return { name, bytes: received, isComplete: true, sha256: hash.digest('hex'), isNew };
  }

  /** Refuses before anything is written. What arrives at several servers at once is counted again at queueing. */
  async #assertRoom(
    { no_of_files, size_bytes, task_path }: Draft,
    { total }: UploadPart,
    former: WholeFile | null,
    root: string,
    own: string,
  ): Promise<void> {
    const { fileCount, inputBytes } = this.#services.taskLimits;
    if (former === null && (no_of_files ?? 0) >= fileCount) {
      throw new TaskError(
        'E_LIMIT',
        `the task has ${fileCount} files, which is the limit (MAX_FILES); make a second task`,
      );
    }
    const others = (await listUnfinished(root, task_path)).filter((one) => one.path !== own);
    if (others.length >= MAX_UNFINISHED) {
      throw new TaskError(
        'E_LIMIT',
        `${MAX_UNFINISHED} files of the task have not arrived as a whole; send the rest of them, or remove some`,
      );
    }
    const unfinished = others.reduce(
      (sum, one) => sum + Math.max(one.bytes, this.#announced.get(one.path) ?? 0),
      0,
    );
    if (Number(size_bytes ?? 0) - (former?.bytes ?? 0) + unfinished + total > inputBytes) {
      throw new TaskError(
        'E_LIMIT',
        `with this file of ${formatBytes(total)} the task has more than ${formatBytes(inputBytes)} (MAX_TASK_SIZE); make a second task`,
      );
    }
  }

  /** A draft that was deleted or queued meanwhile does not need the file, and nothing else would remove it. */
  async #drop({ id }: Draft, partPath: string): Promise<void> {
    const isDraft = (await readDraft(this.#services.db, id).catch(() => null)) !== undefined;
    if (!isDraft) await rm(partPath, { force: true });
  }

  /** @returns whether no file had this name */
  async #finish(draft: Draft, name: string, total: number, partPath: string, root: string): Promise<boolean> {
    const dir = await makeOwnFolder(root, path.posix.dirname(`${draft.task_path}/${name}`));
    const target = path.join(dir, path.posix.basename(name));
    const former = await statOrNull(target);
    if (former?.isDirectory()) {
      throw new TaskError('E_CONFLICT', `${JSON.stringify(name)} is a folder of this task; rename the file`);
    }
    const change = { files: former === null ? 1 : 0, bytes: total - (former?.size ?? 0) };
    const isDraft = await this.#counts.change(draft, root, change, () => rename(partPath, target));
    if (!isDraft) {
      await rm(partPath, { force: true });
      throw notADraft();
    }
    return former === null;
  }
}

async function findWhole(root: string, relative: string): Promise<WholeFile | null> {
  const stats = await findOwnFile(root, relative);
  return stats === null ? null : { bytes: stats.size, changedAt: stats.mtime };
}
