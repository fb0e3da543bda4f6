import { copyFile, cp, link, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../../base/errors.ts';
import { hashFile } from '../../base/file-hash.ts';
import { findOwnFolder, makeOwnFolder, resolveInside } from '../../base/inside.ts';
import { viewFilesIn } from '../../pictures/view-folder.ts';
import type { StageContext } from '../stage.ts';
import { listOnce, type Packaged, type PackagedFile } from './package.ts';
import { type Manifest, readManifest } from './read-manifest.ts';
import { findStrayAudio } from './stray-audio.ts';
import { expectedOutputs, verifyZip } from './verify.ts';

/** Whether only recordings are missing: workers delete those of a completed task, and keep its transcripts. */
export function mayAdopt({ faults }: TaskError): boolean {
  return faults.every(({ code }) => code === 'E_AUDIO_MISSING');
}

/**
 * Finds the result of an earlier attempt of this task: a zip that is whole, of this language, made from the transcripts that
 * are in the task's folder now.
 * @param resultsPath - folder of the task's results, below the uploads folder
 * @param prefix - of the folders of this task's attempts in it
 * @returns null when there is none
 */
export async function adoptEarlierResult(
  ctx: StageContext,
  resultsPath: string,
  prefix: string,
): Promise<Packaged | null> {
  const dir = await findOwnFolder(ctx.uploadsDir, resultsPath);
  const names = dir === null ? [] : (await readdir(dir)).filter((name) => name.startsWith(prefix));
  // The latest attempt first.
  for (const name of names.sort((a, b) => fenceOf(b) - fenceOf(a))) {
    const relative = path.join(resultsPath, name, `${ctx.task.taskId}.zip`);
    const packaged = await tryAdopt(ctx, relative);
    if (packaged !== null) return packaged;
  }
  return null;
}

function fenceOf(name: string): number {
  return Number(/\.(\d+)-/.exec(name)?.[1] ?? 0);
}

async function tryAdopt(ctx: StageContext, relative: string): Promise<Packaged | null> {
  const found = await resolveInside(ctx.uploadsDir, relative);
  if (found === null) return null;
  try {
    // In the folder of this attempt no chore removes it as the result of a dead attempt. It is verified there.
    const zipPath = await takeOver(ctx, found);
    const { manifest, entryNames } = await readManifest(zipPath);
    if (manifest.language.code !== ctx.task.lang) return null;
    const transcripts = new Map(manifest.files.map(({ transcript }) => [transcript.name, transcript]));
    for (const transcript of transcripts.values()) {
      const filePath = await resolveInside(ctx.uploadsDir, `${ctx.task.taskPath}/${transcript.name}`);
      if (filePath === null || (await hashFile(filePath, ctx.signal)).sha256 !== transcript.sha256)
        return null;
    }
    const outputs = expectedOutputs(
      manifest.outputs,
      manifest.files.map(({ audio, outputs: own }) => ({ durationSec: audio.durationSec, outputs: own })),
    );
    const known = new Set(outputs.map(({ name }) => name));
    const others = entryNames.filter((name) => !known.has(name));
    const expected = [...outputs, ...others.map((name) => ({ name, result: null }))];
    await verifyZip(zipPath, expected, ctx.signal);
    await takeOverView(ctx, path.dirname(found));
    return await toPackaged(ctx, manifest, zipPath);
  } catch (error) {
    ctx.signal.throwIfAborted();
    // Such as a zip whose process died while it wrote it.
    if (!(error instanceof TaskError)) throw error;
    ctx.log.warn('result.not_adoptable', { result: relative, code: error.code });
    return null;
  }
}

async function takeOver(ctx: StageContext, found: string): Promise<string> {
  const own = path.join(ctx.outputDir, path.basename(found));
  await makeOwnFolder(ctx.uploadsDir, path.relative(ctx.uploadsDir, ctx.outputDir));
  await rm(own, { force: true });
  await link(found, own).catch(() => copyFile(found, own));
  return own;
}

/** Copies what the viewer shows, if there is any: the result does not depend on it. */
async function takeOverView(ctx: StageContext, earlierDir: string): Promise<void> {
  const [from, to] = [viewFilesIn(earlierDir, 0).dir, viewFilesIn(ctx.outputDir, 0).dir];
  await cp(from, to, { recursive: true, verbatimSymlinks: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT')
      ctx.log.warn('view.not_written', { taskId: ctx.task.taskId, recording: null, error });
  });
}

async function toPackaged(ctx: StageContext, manifest: Manifest, zipPath: string): Promise<Packaged> {
  const { task, uploadsDir } = ctx;
  const relative = path.relative(uploadsDir, zipPath);
  const inputs = listOnce(
    manifest.files.flatMap(({ audio, transcript }) => [
      inputFile('audio', task.taskPath, audio),
      inputFile('transcript', task.taskPath, transcript),
    ]),
  );
  const { totals, files, warnings } = manifest;
  const output: PackagedFile = {
    kind: 'output',
    path: relative,
    original_name: path.basename(relative),
    ...(await hashFile(zipPath, ctx.signal)),
    version: null,
  };
  return {
    zipPath,
    downloadPath: relative,
    warnings,
    counts: {
      fileCount: totals.files,
      tierCount: files.reduce((sum, { tiers }) => sum + tiers.length, 0),
      wordCount: totals.words,
      missingWordCount: totals.wordsUnknown,
      audioSec: totals.audioSec,
      inputBytes: inputs.reduce((sum, { bytes }) => sum + bytes, 0),
    },
    files: listOnce([...inputs, ...(await findStrayAudio(ctx)), output]),
    suggestions: null,
  };
}

function inputFile(
  kind: 'audio' | 'transcript',
  taskPath: string,
  { name, sha256, bytes }: Manifest['files'][number]['transcript'],
): PackagedFile {
  return {
    kind,
    path: path.posix.join(taskPath, name),
    original_name: name,
    sha256,
    bytes,
    // The recording is deleted: a later file with its name is another one.
    version: kind === 'audio' ? 'gone' : null,
  };
}
