import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { throwFaults, type Warning } from '../../base/errors.ts';
import { makeOwnFolder } from '../../base/inside.ts';
import { must } from '../../base/must.ts';
import { inTurns } from '../../base/pieces.ts';
import { findOutputFaults } from '../../formats/textgrid/check.ts';
import type { TextGrid } from '../../formats/textgrid/model.ts';
import { writeTextGridInPieces } from '../../formats/textgrid/write.ts';
import type { Aligned } from '../align/align.ts';
import type { Recording } from '../prepared.ts';
import type { StageContext, TaskCounts } from '../stage.ts';
import { safeEntryNames, safeFileName } from './entry-names.ts';
import { makeManifest, type PackagedRecording } from './manifest.ts';
import { makeReadme } from './readme.ts';
import { makeResult } from './result.ts';
import { findStrayAudio } from './stray-audio.ts';
import { draftSuggestions } from './suggestions.ts';
import { verifyZip } from './verify.ts';
import { writeZip, type ZipEntry } from './zip.ts';

const PROGRESS = { start: 0.95, end: 0.99 };

export interface Packaged {
  /** Inside the output folder of the attempt; complete, verified, on the disk. */
  readonly zipPath: string;
  /** The same, relative to the uploads folder. */
  readonly downloadPath: string;
  readonly warnings: readonly Warning[];
  readonly counts: TaskCounts;
  readonly files: readonly PackagedFile[];
  /** Guessed pronunciations, to be put where the user finds them once the task is completed; null: none. */
  readonly suggestions: string | null;
}

/** A file of the task, as `task_files` lists it. */
export interface PackagedFile {
  readonly kind: 'audio' | 'transcript' | 'output';
  /** Relative to the uploads folder. */
  readonly path: string;
  readonly original_name: string;
  /** Null: it was not read. */
  readonly sha256: string | null;
  readonly bytes: number;
  /** Of a recording: what it was when it was read, so that a later one of its name is not deleted for it. */
  readonly version: string | null;
}

/**
 * Turns what the engine found into TextGrids, packs them, and reads the finished zip back before it says that there
 * is a result.
 * @throws TaskError E_OUTPUT_INVALID, E_LIMIT, E_DISK_FULL, E_PATH_OUTSIDE
 */
export async function packageResult(aligned: Aligned, ctx: StageContext): Promise<Packaged> {
  const { prepared } = aligned;
  ctx.report({ stage: 'package', progress: PROGRESS.start, counts: prepared.counts });
  const dir = path.join(ctx.workspaceDir, 'out');
  await mkdir(dir, { recursive: true });
  const warnings: Warning[] = [...prepared.warnings, ...aligned.warnings];
  const entryNames = safeEntryNames(prepared.recordings.map(({ name }) => name));

  const entries: ZipEntry[] = [];
  const recordings: PackagedRecording[] = [];
  for (const [index, recording] of prepared.recordings.entries()) {
    ctx.signal.throwIfAborted();
    const result = await inTurns(makeResult(recording, aligned), ctx.signal);
    warnings.push(...result.warnings);
    const stem = must(entryNames[index], 'the name of a recording in the zip');
    const outputs = [];
    for (const [folder, grid] of [
      [prepared.language.alphabet, result.phones],
      ['IPA', result.ipa],
    ] as const) {
      const name = `${folder}/${stem}.TextGrid`;
      const written = await writeGrid(
        grid,
        recording,
        name,
        path.join(dir, `${recording.id}-${outputs.length}`),
      );
      entries.push({ name, content: { path: written.path } });
      outputs.push({ name, sha256: written.sha256, durationSec: recording.wav.durationSec });
    }
    recordings.push({ recording, outputs, tiers: result.tiers });
  }
  const zip = await pack(entries, recordings, warnings, aligned, ctx);
  ctx.report({ stage: 'package', progress: PROGRESS.end, counts: prepared.counts });
  return {
    zipPath: zip.path,
    downloadPath: path.relative(ctx.uploadsDir, zip.path),
    warnings,
    counts: prepared.counts,
    files: [...prepared.recordings.flatMap(inputFiles), ...(await findStrayAudio(ctx)), outputFile(zip, ctx)],
    suggestions: draftSuggestions(prepared),
  };
}

async function writeGrid(
  grid: TextGrid,
  { wav }: Recording,
  name: string,
  filePath: string,
): Promise<{ path: string; sha256: string }> {
  throwFaults(findOutputFaults(grid, wav.durationSec, name).slice(0, 1));
  const content = await inTurns(writeTextGridInPieces(grid));
  await writeFile(filePath, content);
  return { path: filePath, sha256: createHash('sha256').update(content).digest('hex') };
}

async function pack(
  grids: readonly ZipEntry[],
  recordings: readonly PackagedRecording[],
  warnings: readonly Warning[],
  { prepared, cut }: Aligned,
  ctx: StageContext,
): Promise<{ path: string; bytes: number; sha256: string }> {
  const { language } = prepared;
  const facts = {
    prepared,
    recordings,
    warnings,
    policy: ctx.policy,
    engineVersion: ctx.engineVersion(prepared.engine.name),
    cut: cut === null ? null : { ...cut, version: ctx.engineVersion(cut.engine) },
  };
  const texts: ZipEntry[] = [
    { name: 'README.txt', content: Buffer.from(makeReadme(facts)) },
    ...(language.citation === null
      ? []
      : [{ name: `${language.code}_cite.txt`, content: Buffer.from(language.citation) }]),
    ...(language.guidePath === null
      ? []
      : [
          {
            name: safeFileName(`User guide ${language.languageName ?? language.displayName}.pdf`),
            content: { path: language.guidePath },
          },
        ]),
    { name: 'manifest.json', content: Buffer.from(makeManifest(facts)) },
  ];
  const entries = [...texts, ...grids];
  const zipPath = path.join(ctx.outputDir, `${ctx.task.taskId}.zip`);
  await makeOwnFolder(ctx.uploadsDir, path.relative(ctx.uploadsDir, ctx.outputDir));
  const zip = await writeZip(entries, zipPath, { maxBytes: ctx.taskLimits.resultBytes, signal: ctx.signal });
  const durations = new Map(
    recordings.flatMap(({ outputs }) => outputs.map((one) => [one.name, one.durationSec])),
  );
  await verifyZip(
    zipPath,
    entries.map(({ name }) => ({ name, durationSec: durations.get(name) ?? null })),
  );
  return zip;
}

function inputFiles({ audio, transcript }: Recording): PackagedFile[] {
  return [inputFile('audio', audio), inputFile('transcript', transcript)];
}

function inputFile(
  kind: 'audio' | 'transcript',
  { path: relative, originalName, sha256, bytes, version }: Recording['audio'],
): PackagedFile {
  return { kind, path: relative, original_name: originalName, sha256, bytes, version };
}

function outputFile(zip: { path: string; bytes: number; sha256: string }, ctx: StageContext): PackagedFile {
  return {
    kind: 'output',
    path: path.relative(ctx.uploadsDir, zip.path),
    original_name: path.basename(zip.path),
    sha256: zip.sha256,
    bytes: zip.bytes,
    version: null,
  };
}
