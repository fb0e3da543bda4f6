import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { resolveInside } from '../base/inside.ts';
import type { Db } from '../db/connect.ts';
import { listTaskFiles, type TaskFile } from '../db/tasks.ts';
import type { Uploads } from '../host/uploads.ts';
import { readPeaks, readTile } from '../pictures/picture-file.ts';
import {
  readViewList,
  type ViewedRecording,
  type ViewFilePaths,
  viewFilesIn,
} from '../pictures/view-folder.ts';
import { type OpenFile, openInside, openPlain } from './result-file.ts';

/** The columns of `tasks` that are needed to show its result. */
export interface ViewedTask {
  readonly id: string;
  readonly download_path: string | null;
  readonly finished_at: Date | null;
}

export interface ViewServices {
  readonly db: Db;
  readonly uploads: Uploads;
  /** How long audio stays after the end of a task. */
  readonly audioDelaySec: number;
}

/** Whether a recording can be played. */
export interface AudioState {
  /** Earliest time of its deletion; null: it is deleted. */
  readonly until: Date | null;
  readonly deletedAt: Date | null;
}

/** A part of a file of pictures. Its tag belongs to this content only. */
export interface Picture {
  readonly bytes: Buffer;
  readonly tag: string;
}

/** The recordings of a completed task. @throws TaskError E_NOT_FOUND */
export async function listViewed(
  { db, uploads, audioDelaySec }: ViewServices,
  task: ViewedTask,
): Promise<readonly (ViewedRecording & { readonly state: AudioState })[]> {
  const recordings = await inView(uploads, task, (_, list) => list);
  const audio = new Map(
    (await listTaskFiles(db, task.id))
      .filter(({ kind }) => kind === 'audio')
      .map((file) => [file.original_name, file]),
  );
  return recordings.map((one) => ({ ...one, state: stateOf(audio.get(one.audio), task, audioDelaySec) }));
}

/** Opens the tiers of a recording, see view-tiers.ts. @throws TaskError E_NOT_FOUND */
export function openViewTiers(uploads: Uploads, task: ViewedTask, name: string): Promise<OpenFile> {
  return inRecording(uploads, task, name, async ({ tiersPath }) => {
    const opened = await openPlain(tiersPath);
    if (opened === null) throw new TaskError('E_NOT_FOUND', 'what the viewer shows is not a file');
    return opened;
  });
}

/** Pairs of smallest and largest sample of a level. @throws TaskError E_NOT_FOUND */
export function readViewPeaks(
  uploads: Uploads,
  task: ViewedTask,
  name: string,
  level: number,
): Promise<Picture> {
  return readPicture(uploads, task, name, `peaks.${level}`, (file) => readPeaks(file, level));
}

/** A tile of the spectrogram as PNG. @throws TaskError E_NOT_FOUND */
export function readViewTile(
  uploads: Uploads,
  task: ViewedTask,
  name: string,
  tile: number,
): Promise<Picture> {
  return readPicture(uploads, task, name, `tile.${tile}`, (file) => readTile(file, tile));
}

/**
 * Opens the audio of a recording as it was uploaded, with the name of its file.
 * @returns when it was deleted, if it was
 * @throws TaskError E_NOT_FOUND
 */
export async function openViewAudio(
  { db, uploads }: Pick<ViewServices, 'db' | 'uploads'>,
  task: ViewedTask,
  name: string,
): Promise<(OpenFile & { readonly name: string }) | { readonly deletedAt: Date | null }> {
  const { audio } = await inView(uploads, task, (_, list) => findRecording(list, name).recording);
  const files = await listTaskFiles(db, task.id);
  const file = files.find(({ kind, original_name }) => kind === 'audio' && original_name === audio);
  if (file === undefined || file.deleted_at !== null) return { deletedAt: file?.deleted_at ?? null };
  await using tree = await uploads.open();
  const opened = await openInside(tree.root, file.path);
  return opened === null ? { deletedAt: null } : { ...opened, name: path.basename(audio) };
}

function stateOf(file: TaskFile | undefined, { finished_at }: ViewedTask, audioDelaySec: number): AudioState {
  if (file === undefined || file.deleted_at !== null)
    return { until: null, deletedAt: file?.deleted_at ?? null };
  return { until: new Date((finished_at?.getTime() ?? 0) + audioDelaySec * 1000), deletedAt: null };
}

async function readPicture(
  uploads: Uploads,
  task: ViewedTask,
  name: string,
  part: string,
  read: (picturesPath: string) => Promise<Buffer | null>,
): Promise<Picture> {
  const bytes = await inRecording(uploads, task, name, ({ picturesPath }) =>
    read(picturesPath).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw notFound('no pictures were drawn of this recording');
      throw error;
    }),
  );
  if (bytes === null) throw notFound('the recording is shorter than that');
  // The folder of an attempt is written once.
  return { bytes, tag: `${path.basename(path.dirname(task.download_path ?? ''))}.${part}` };
}

function inRecording<Result>(
  uploads: Uploads,
  task: ViewedTask,
  name: string,
  use: (files: ViewFilePaths) => Promise<Result>,
): Promise<Result> {
  return inView(uploads, task, (outputDir, list) =>
    use(viewFilesIn(outputDir, findRecording(list, name).index)),
  );
}

async function inView<Result>(
  uploads: Uploads,
  { download_path }: ViewedTask,
  use: (outputDir: string, list: readonly ViewedRecording[]) => Result | Promise<Result>,
): Promise<Result> {
  if (download_path === null) throw notFound('the task has no result');
  await using tree = await uploads.open();
  const outputDir = await resolveInside(tree.root, path.dirname(download_path));
  if (outputDir === null) throw notFound('the result of the task has been removed');
  const list = await readViewList(outputDir);
  if (list === null)
    throw notFound('nothing was written for the viewer when this task was aligned; its zip has the result');
  return await use(outputDir, list);
}

function findRecording(
  list: readonly ViewedRecording[],
  name: string,
): { readonly index: number; readonly recording: ViewedRecording } {
  const index = list.findIndex((one) => one.name === name);
  const recording = list[index];
  if (recording === undefined) throw notFound(`the task has no recording ${JSON.stringify(name)}`);
  return { index, recording };
}

function notFound(text: string): TaskError {
  return new TaskError('E_NOT_FOUND', text);
}
