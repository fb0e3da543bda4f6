import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileVersion } from '../../base/file-version.ts';
import { chooseRecording, inputKindOf, SOUND_EXTENSIONS } from '../../base/input-kinds.ts';
import { isUnreadableName, resolveTaskDir, stemOf } from '../prepare/input-files.ts';
import type { StageContext } from '../stage.ts';

const MAX_LEFTOVERS = 1_000;
const SOUND = `\\.(?:${SOUND_EXTENSIONS.join('|')})`;
/** `talk.wav.part`, `talk.wav.filepart`, `talk.wav~`, with a number or without. */
const UNFINISHED = new RegExp(
  `${SOUND}(?:~|(?:\\.(?:part|partial|filepart|crdownload|download|tmp|temp|upload|uploading|incomplete)\\d*)+)$`,
  'i',
);
/** Hidden ones have more forms: `._talk.wav` of macOS, `.talk.wav.Xa3dF2` of rsync. */
const HIDDEN_SOUND = new RegExp(`${SOUND}(?![a-z\\d])`, 'i');
const HIDDEN_UPLOAD = /^\.pureftpd-upload\./;

/** As `task_files` lists it. */
export interface Leftover {
  readonly kind: 'audio';
  /** Relative to the uploads folder. */
  readonly path: string;
  readonly original_name: string;
  readonly sha256: null;
  readonly bytes: number;
  readonly version: string;
}

/**
 * Sound in a task's folder that is no recording of the task: hidden copies, unfinished uploads, films beside their
 * sound. They are nobody's input, so that without being listed they would stay when the sound is deleted. One that
 * still grows is not what is listed here, and stays.
 */
export async function findLeftovers(ctx: StageContext): Promise<Leftover[]> {
  const dir = await resolveTaskDir(ctx.uploadsDir, ctx.task);
  const found: string[] = [];
  await collect(dir, '', false, found, ctx);
  if (found.length > MAX_LEFTOVERS)
    ctx.log.warn('sound.leftovers_kept', {
      taskId: ctx.task.taskId,
      files: found.length,
    });
  const files: Leftover[] = [];
  for (const relative of found.slice(0, MAX_LEFTOVERS)) {
    const filePath = path.join(dir, relative);
    // An upload that was finished or given up meanwhile is no leftover.
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
    // The task has its result: what cannot be read here is no reason to lose it.
    ctx.log.warn('sound.folder_not_read', { folder: relative, error });
    return [];
  });
  const films = findFilms(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  for (const entry of entries) {
    if (isUnreadableName(entry.name)) continue;
    const child = path.posix.join(relative, entry.name);
    const isHidden = isHiddenFolder || entry.name.startsWith('.');
    if (entry.isDirectory()) await collect(root, child, isHidden, found, ctx);
    else if (entry.isFile() && (films.has(entry.name) || isLeftover(entry.name, isHidden))) found.push(child);
  }
}

/** Films that were passed over for their sound: they hold the same voices. */
function findFilms(names: readonly string[]): Set<string> {
  const films = new Set<string>();
  const taken = new Map<string, string>();
  for (const name of names.filter((one) => inputKindOf(one) === 'audio')) {
    const stem = stemOf(path.parse(name).name);
    const choice = chooseRecording(taken.get(stem) ?? name, name);
    if (choice !== null) films.add(choice.passedOver);
    taken.set(stem, choice?.taken ?? name);
  }
  return films;
}

function isLeftover(name: string, isHidden: boolean): boolean {
  const kind = inputKindOf(name);
  if (kind === 'transcript' || kind === 'dictionary') return false;
  return UNFINISHED.test(name) || (isHidden && (HIDDEN_SOUND.test(name) || HIDDEN_UPLOAD.test(name)));
}
