import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { TaskError, type Warning } from '../base/errors.ts';
import { transcriptFormatOf } from '../base/input-kinds.ts';
import { findOwnFolder, makeOwnFolder } from '../base/inside.ts';
import { inTurns } from '../base/pieces.ts';
import { putFile } from '../base/put-file.ts';
import { correctionsPath } from '../base/site-layout.ts';
import type { Db, Tx } from '../db/connect.ts';
import {
  type CorrectionRow,
  listCorrectionRows,
  nameCorrection,
  noteCorrectionDeleted,
} from '../db/corrections.ts';
import { withHeldResult } from '../db/result-hold.ts';
import { TEXTGRID } from '../formats/textgrid/format.ts';
import type { Uploads } from '../host/uploads.ts';
import { writeViewTiers } from '../pictures/view-tiers.ts';
import { makeDocument } from './converted-document.ts';
import {
  type Correction,
  findCorrectionFile,
  findVersion,
  type OpenCorrection,
  openCorrectionFile,
  removeCorrectionFile,
} from './correction-file.ts';
import { parseFileName } from './draft-files.ts';
import type { Quota } from './quota.ts';

/** The same limit as for transcripts. */
export const MAX_CORRECTION_BYTES = 64 * 1024 * 1024;
/** Of a task. */
const MAX_CORRECTIONS = 100;

/** The needed columns of `tasks`. */
export interface CorrectedTask {
  readonly id: string;
  readonly user_uuid: string;
  readonly download_path: string | null;
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
export async function listCorrections(
  { db, uploads }: CorrectionServices,
  task: CorrectedTask,
): Promise<Correction[]> {
  const folder = correctionsPath(task);
  if (folder === null) return [];
  await using tree = await uploads.open();
  const rows = await listCorrectionRows(db, task.id, folder);
  const found = await Promise.all(rows.map((row) => findCorrectionFile(tree.root, row)));
  return found.filter((one) => one !== null).sort((a, b) => b.changedAt.getTime() - a.changedAt.getTime());
}

/** @throws TaskError E_NOT_FOUND */
export async function openCorrection(
  { db, uploads }: CorrectionServices,
  task: CorrectedTask,
  name: string,
): Promise<OpenCorrection> {
  const folder = correctionsPath(task);
  if (folder === null) throw notFound(name);
  await using tree = await uploads.open();
  let missing: string | null = null;
  for (;;) {
    const row = await findRow(db, task, folder, name);
    // If the row names another file now, the former one was replaced after the row was read.
    if (row === null || row.path === missing) throw notFound(name);
    const opened = await openCorrectionFile(tree.root, row);
    if (opened !== null) return opened;
    missing = row.path;
  }
}

/**
 * Keeps a TextGrid beside the result of a task. It replaces one of the same name. That one stays until the row names the
 * new file: if the process dies, or the database does not take it, the file that the row names is there as a whole.
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
  const folder = correctionsPath(task);
  if (folder === null) throw noResult();
  const replacedBytes = Number((await findRow(db, task, folder, name))?.bytes ?? 0);
  using _ = await quota.reserve(task.user_uuid, `${task.id}/${name}`, bytes.length, replacedBytes);
  await using tree = await uploads.open();
  const file = { path: `${folder}/${randomUUID()}.TextGrid`, original_name: name };
  let former: CorrectionRow | null = null;
  let isWritten = false;
  try {
    await inHeldFolder(db, task, async (tx) => {
      former = await findRow(tx, task, folder, name);
      assertMayChange(await findVersion(tree.root, former));
      if (former === null) await assertRoomForOne(tx, task, folder);
      if ((await findOwnFolder(tree.root, path.posix.dirname(folder))) === null) throw noResult();
      const dir = await makeOwnFolder(tree.root, folder);
      isWritten = true;
      await putFile(dir, path.posix.basename(file.path), bytes);
      await nameCorrection(tx, task.id, folder, { path: file.path, name, bytes: bytes.length });
    });
  } catch (error) {
    const isNamed = isWritten && (await isNamedAtLast(db, tree.root, task, file));
    if (!isNamed) throw error;
  }
  if (former !== null) await removeCorrectionFile(tree.root, former);
  const correction = await findCorrectionFile(tree.root, file);
  if (correction === null) throw notFound(name);
  return { correction, isNew: former === null };
}

/** @throws TaskError E_NOT_FOUND; what `assertMayChange` throws */
export async function removeCorrection(
  { db, uploads }: CorrectionServices,
  task: CorrectedTask,
  name: string,
  assertMayChange: AssertMayChange,
): Promise<void> {
  await using tree = await uploads.open();
  const removed = await inHeldFolder(db, task, async (tx, folder) => {
    const row = await findRow(tx, task, folder, name);
    assertMayChange(await findVersion(tree.root, row));
    if (row === null) throw notFound(name);
    await noteCorrectionDeleted(tx, row.id);
    return row;
  });
  await removeCorrectionFile(tree.root, removed);
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

/** While `act` runs, the result stays and no other correction of the task is changed. */
async function inHeldFolder<T>(
  db: Db,
  task: CorrectedTask,
  act: (tx: Tx, folder: string) => Promise<T>,
): Promise<T> {
  const folder = correctionsPath(task);
  if (folder === null || task.download_path === null) throw noResult();
  const done = await withHeldResult(db, task.id, task.download_path, async (tx) => ({
    value: await act(tx, folder),
  }));
  if (done === null) throw noResult();
  return done.value;
}

async function findRow(
  db: Db | Tx,
  task: CorrectedTask,
  folder: string,
  name: string,
): Promise<CorrectionRow | null> {
  const rows = await listCorrectionRows(db, task.id, folder);
  return rows.find(({ original_name }) => original_name === name) ?? null;
}

async function assertRoomForOne(tx: Tx, task: CorrectedTask, folder: string): Promise<void> {
  if ((await listCorrectionRows(tx, task.id, folder)).length < MAX_CORRECTIONS) return;
  throw new TaskError(
    'E_LIMIT',
    `the task has ${MAX_CORRECTIONS} corrections, which is the limit; delete some`,
  );
}

/**
 * Whether the row names a new file although keeping it has failed, since only the answer to the COMMIT was lost. Otherwise
 * the file is removed. While the database is away it stays: the daily scan of results removes it if no row names it.
 */
async function isNamedAtLast(
  db: Db,
  root: string,
  task: CorrectedTask,
  file: Pick<CorrectionRow, 'path'>,
): Promise<boolean> {
  try {
    // The row is held: the transaction whose answer was lost has ended.
    return await inHeldFolder(db, task, async (tx, folder) => {
      const rows = await listCorrectionRows(tx, task.id, folder);
      if (rows.some((row) => row.path === file.path)) return true;
      await removeCorrectionFile(root, file);
      return false;
    });
  } catch {
    return false;
  }
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
