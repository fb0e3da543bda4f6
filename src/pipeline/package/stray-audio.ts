import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileVersion } from '../../base/file-version.ts';
import { AUDIO_EXTENSIONS, inputKindOf, isFilm, pairKey } from '../../base/input-kinds.ts';
import { isUnreadableName, resolveTaskDir } from '../prepare/input-files.ts';
import type { StageContext } from '../stage.ts';

const MAX_STRAY = 1_000;
const AUDIO = `\\.(?:${AUDIO_EXTENSIONS.join('|')})`;
/** `talk.wav.part`, `talk.wav.filepart`, `talk.wav~`, with a number or without. */
const UNFINISHED = new RegExp(
  `${AUDIO}(?:~|(?:\\.(?:part|partial|filepart|crdownload|download|tmp|temp|upload|uploading|incomplete)\\d*)+)$`,
  'i',
);
/** Hidden files have more forms: `._talk.wav` of macOS, `.talk.wav.Xa3dF2` of rsync. */
const HIDDEN_AUDIO = new RegExp(`${AUDIO}(?![a-z\\d])`, 'i');
const HIDDEN_UPLOAD = /^\.pureftpd-upload\./;

/** A row of `task_files`. */
export interface StrayAudio {
  readonly kind: 'audio';
  /** Relative to the uploads folder. */
  readonly path: string;
  readonly original_name: string;
  readonly sha256: null;
  readonly bytes: number;
  readonly version: string;
}

/**
 * Audio in a task's folder that is no recording of the task: hidden copies, unfinished uploads, and films that lie beside
 * their audio. If it was not listed, it would stay when the audio is deleted. A file that grows after this has another
 * version than is listed, and stays.
 */
export async function findStrayAudio(ctx: StageContext): Promise<StrayAudio[]> {
  const dir = await resolveTaskDir(ctx.uploadsDir, ctx.task);
  const found: string[] = [];
  await collect(dir, '', false, found, ctx);
  if (found.length > MAX_STRAY)
    ctx.log.warn('audio.stray_kept', {
      taskId: ctx.task.taskId,
      files: found.length,
    });
  const files: StrayAudio[] = [];
  for (const relative of found.slice(0, MAX_STRAY)) {
    const filePath = path.join(dir, relative);
    // An upload that was finished or abandoned meanwhile is not listed.
    const stats = await lstat(filePath, { bigint: true }).catch(() => null);
    if (!stats?.isFile()) continue;
    files.push({
      kind: 'audio',
      path: path.relative(ctx.uploadsDir, filePath),
      original_name: relative,
      sha256: null,
      bytes: Number(stats.size),
      version: fileVersion(stats),
    });
  }
  return files;
}

async function collect(
  root: string,
  relative: string,
  isHiddenFolder: boolean,
  found: string[],
  ctx: StageContext,
): Promise<void> {
  const entries = await readdir(path.join(root, relative), { withFileTypes: true }).catch((error) => {
    // The task has its result, which must not be lost because a folder cannot be read.
    ctx.log.warn('audio.folder_not_read', { folder: relative, error });
    return [];
  });
  const films = findFilms(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  for (const entry of entries) {
    if (isUnreadableName(entry.name)) continue;
    const child = path.posix.join(relative, entry.name);
    const isHidden = isHiddenFolder || entry.name.startsWith('.');
    if (entry.isDirectory()) await collect(root, child, isHidden, found, ctx);
    else if (entry.isFile() && (films.has(entry.name) || isStray(entry.name, isHidden))) found.push(child);
  }
}

/** Films that were not used because their audio lies beside them. */
function findFilms(names: readonly string[]): Set<string> {
  const recordings = names.filter((one) => inputKindOf(one) === 'audio');
  const others = new Set(recordings.filter((one) => !isFilm(one)).map(pairKey));
  return new Set(recordings.filter((one) => isFilm(one) && others.has(pairKey(one))));
}

function isStray(name: string, isHidden: boolean): boolean {
  const kind = inputKindOf(name);
  if (kind === 'transcript' || kind === 'dictionary') return false;
  return UNFINISHED.test(name) || (isHidden && (HIDDEN_AUDIO.test(name) || HIDDEN_UPLOAD.test(name)));
}
