import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { TaskError, type Warning } from '../base/errors.ts';
import { fileVersion } from '../base/file-version.ts';
import { transcriptFormatOf } from '../base/input-kinds.ts';
import { findOwnFolder, makeOwnFolder } from '../base/inside.ts';
import { inTurns } from '../base/pieces.ts';
import type { Db, Tx } from '../db/connect.ts';
import { noteFileBeside, noteFileDeleted, withHeldResult } from '../db/result-hold.ts';
import { TEXTGRID } from '../formats/textgrid/format.ts';
import type { Uploads } from '../host/uploads.ts';
import { writeViewTiers } from '../pictures/view-tiers.ts';
import { makeDocument } from './converted-document.ts';
import { listDraftFiles, parseFileName, statOrNull } from './draft-files.ts';
import { type HiddenFile, hideFile, removeHidden } from './hidden-file.ts';
import { putFile } from './put-file.ts';
import type { Quota } from './quota.ts';
import { type OpenFile, openPlain } from './result-file.ts';

/** The same limit as for transcripts. */
export const MAX_CORRECTION_BYTES = 64 * 1024 * 1024;
/** Of a task. */
const MAX_CORRECTIONS = 100;
/** Beside the zip of an attempt. */
const FOLDER = 'corrections';

/** The needed columns of `tasks`. */
export interface CorrectedTask {
  readonly id: string;
  readonly user_uuid: string;
  readonly download_path: string | null;
}

/** A TextGrid that a user has corrected, kept beside the result for as long as that. */
export interface Correction {
  /** With `/` between folders. */
  readonly name: string;
  readonly bytes: number;
  readonly changedAt: Date;
  /** Changes each time the file is written. */
  readonly version: string;
}

export interface OpenCorrection extends OpenFile {
  readonly version: string;
}

interface CorrectionServices {
  readonly db: Db;
  readonly uploads: Uploads;
}

/** Refuses to change this version; null: there is no file of this name. */
type AssertMayChange = (version: string | null) => void;

/** The name of a correction, as it is stored. @throws TaskError E_PATH_KIND */
export function parseCorrectionName(given: string): string {
  const name = parseFileName(given);
  if (transcriptFormatOf(name) === 'TextGrid') return name;
  throw new TaskError(
    'E_PATH_KIND',
    `a correction is a TextGrid; expected a name that ends in .TextGrid, found ${JSON.stringify(name)}`,
  );
}

/** The newest first; none when there is no result. */
export async function listCorrections(uploads: Uploads, task: CorrectedTask): Promise<Correction[]> {
  const relative = folderOf(task);
  if (relative === null) return [];
  await using tree = await uploads.open();
  return await listFolder(tree.root, relative);
}

/** @throws TaskError E_NOT_FOUND */
export async function openCorrection(
  uploads: Uploads,
  task: CorrectedTask,
  name: string,
): Promise<OpenCorrection> {
  const relative = folderOf(task);
  await using tree = await uploads.open();
  const found = relative === null ? null : await findCorrection(tree.root, relative, name);
  const opened = found === null ? null : await openPlain(found.path);
  if (opened === null) throw notFound(name);
  // Of the file that was opened: another one may have replaced it.
  return { ...opened, version: versionOf(await opened.file.stat({ bigint: true })) };
}

/**
 * Keeps a TextGrid beside the result of a task. It replaces one of the same name.
 * @param name - from `parseCorrectionName`
 * @throws TaskError with all faults of the TextGrid; E_CONFLICT without a result; E_LIMIT; what `assertMayChange`
 * throws
 */
export async function keepCorrection(
  { db, uploads, quota }: CorrectionServices & { readonly quota: Quota },
  task: CorrectedTask,
  name: string,
  bytes: Uint8Array,
  assertMayChange: AssertMayChange,
): Promise<{ readonly correction: Correction; readonly isNew: boolean }> {
  await correctionTiers(bytes, name);
  using _ = await quota.reserve(task.user_uuid, `${task.id}/${name}`, bytes.length);
  await using tree = await uploads.open();
  let isNew = true;
  await inHeldFolder(db, task, async (relative, tx) => {
    await removeHidden(tree.root, relative);
    const former = await findCorrection(tree.root, relative, name);
    assertMayChange(former?.version ?? null);
    isNew = former === null;
    if (isNew && (await listFolder(tree.root, relative)).length >= MAX_CORRECTIONS) {
      throw new TaskError(
        'E_LIMIT',
        `the task has ${MAX_CORRECTIONS} corrections, which is the limit; delete some`,
      );
    }
    const result = await findOwnFolder(tree.root, path.posix.dirname(relative));
    if (result === null) throw noResult();
    const dir = await makeOwnFolder(tree.root, path.posix.dirname(`${relative}/${name}`));
    const last = path.posix.basename(name);
    if ((await statOrNull(path.join(dir, last)))?.isDirectory()) {
      throw new TaskError(
        'E_CONFLICT',
        `${JSON.stringify(name)} is a folder of corrections; take another name`,
      );
    }
    await putFile(dir, last, bytes);
    await noteFileBeside(tx, task.id, { path: `${relative}/${name}`, name, bytes: bytes.length });
  });
  const correction = (await listCorrections(uploads, task)).find((one) => one.name === name);
  if (correction === undefined) throw notFound(name);
  return { correction, isNew };
}

/** @throws TaskError E_NOT_FOUND; what `assertMayChange` throws */
export async function removeCorrection(
  { db, uploads }: CorrectionServices,
  task: CorrectedTask,
  name: string,
  assertMayChange: AssertMayChange,
): Promise<void> {
  await using tree = await uploads.open();
  let hidden: HiddenFile | null = null;
  try {
    await inHeldFolder(db, task, async (relative, tx) => {
      await removeHidden(tree.root, relative);
      const found = await findCorrection(tree.root, relative, name);
      assertMayChange(found?.version ?? null);
      if (found === null) throw notFound(name);
      await noteFileDeleted(tx, task.id, `${relative}/${name}`);
      hidden = await hideFile(tree.root, relative, name);
    });
  } catch (error) {
    await (hidden as HiddenFile | null)?.putBack();
    throw error;
  }
  await (hidden as HiddenFile | null)?.remove();
}

/**
 * The tiers of a TextGrid in the form for the viewer, see view-tiers.ts.
 * @throws TaskError with all faults of the TextGrid
 */
export async function correctionTiers(bytes: Uint8Array, name: string): Promise<string> {
  const warn = (_: Warning) => undefined;
  const grid = await inTurns(TEXTGRID.read(bytes, name, { legacyEncoding: null, audioSec: null, warn }));
  const document = makeDocument(grid, {
    file: name,
    name,
    audio: null,
    format: 'textgrid',
    original: null,
  });
  const parts: string[] = [];
  await inTurns(writeViewTiers(document, [], (text) => parts.push(text)));
  return parts.join('');
}

/** Null: there is no result, or it has no folder of its own, as in a row of another program. */
function folderOf({ id, download_path }: CorrectedTask): string | null {
  if (download_path === null) return null;
  const dir = path.posix.dirname(download_path);
  return path.posix.basename(dir).startsWith(`${id}.`) ? `${dir}/${FOLDER}` : null;
}

/** While `act` runs, the result stays and no other correction of the task is changed. */
async function inHeldFolder(
  db: Db,
  task: CorrectedTask,
  act: (relative: string, tx: Tx) => Promise<void>,
): Promise<void> {
  const relative = folderOf(task);
  if (relative === null || task.download_path === null) throw noResult();
  if (!(await withHeldResult(db, task.id, task.download_path, (tx) => act(relative, tx)))) throw noResult();
}

async function listFolder(root: string, relative: string): Promise<Correction[]> {
  const files = await listDraftFiles(root, relative);
  const found = await Promise.all(
    files.map(async ({ name }) => {
      const one = await findCorrection(root, relative, name);
      return one === null ? [] : [one];
    }),
  );
  return found
    .flat()
    .map(({ path: _, ...correction }) => correction)
    .sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime());
}

async function findCorrection(
  root: string,
  relative: string,
  name: string,
): Promise<(Correction & { readonly path: string }) | null> {
  const dir = await findOwnFolder(root, path.posix.dirname(`${relative}/${name}`));
  if (dir === null) return null;
  const file = path.join(dir, path.posix.basename(name));
  const stats = await lstat(file, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!stats?.isFile()) return null;
  return { name, path: file, bytes: Number(stats.size), changedAt: stats.mtime, version: versionOf(stats) };
}

function versionOf(stats: BigIntStats): string {
  return `${stats.ino.toString(36)}-${fileVersion(stats)}`;
}

function notFound(name: string): TaskError {
  return new TaskError('E_NOT_FOUND', `the task has no correction ${JSON.stringify(name)}`);
}

function noResult(): TaskError {
  return new TaskError(
    'E_CONFLICT',
    'the task has no result to be corrected: it is not completed, or its result has been removed',
  );
}
