import path from 'node:path';
import type { Warning } from '../../base/errors.ts';
import { makeOwnFolder } from '../../base/inside.ts';
import { must } from '../../base/must.ts';
import { inTurns } from '../../base/pieces.ts';
import { RESULT_WRITERS } from '../../formats/result-formats.ts';
import type { Aligned } from '../align/align.ts';
import type { Recording } from '../prepared.ts';
import type { StageContext, TaskCounts } from '../stage.ts';
import { safeEntryNames, safeFileName } from './entry-names.ts';
import { makeManifest, type PackagedOutput, type PackagedRecording } from './manifest.ts';
import { readOriginal } from './original.ts';
import { type OutputFile, OutputFiles } from './output-files.ts';
import { makeReadme } from './readme.ts';
import { makeResult } from './result.ts';
import { findStrayAudio } from './stray-audio.ts';
import { draftSuggestions } from './suggestions.ts';
import { expectedOutputs, verifyZip } from './verify.ts';
import { ViewFiles } from './view-files.ts';
import { writeZip, type ZipEntry } from './zip.ts';

const PROGRESS = { start: 0.95, end: 0.99 };

export interface Packaged {
  /** In the output folder of the attempt; complete, verified, on the disk. */
  readonly zipPath: string;
  /** The same, relative to the uploads folder. */
  readonly downloadPath: string;
  readonly warnings: readonly Warning[];
  readonly counts: TaskCounts;
  readonly files: readonly PackagedFile[];
  /** Guessed pronunciations, for `publishSuggestions` when the task is completed; null: none. */
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
  /** Of an input: its `fileVersion` when it was read, so that a later file with its name is not deleted. */
  readonly version: string | null;
}

/** A recording whose files are written. */
interface WrittenRecording extends Pick<PackagedRecording, 'entryName' | 'tiers'> {
  readonly recording: Recording;
}

/**
 * Writes what the engine found in the formats of the task, packs it, and reads the finished zip back.
 * @throws TaskError E_OUTPUT_INVALID, E_LIMIT, E_DISK_FULL, E_PATH_OUTSIDE
 */
export async function packageResult(aligned: Aligned, ctx: StageContext): Promise<Packaged> {
  const { prepared } = aligned;
  ctx.report({ stage: 'package', progress: PROGRESS.start, counts: prepared.counts });
  const warnings: Warning[] = [...prepared.warnings, ...aligned.warnings];
  const formats = ctx.policy.formats.map((name) => ({ name, ...RESULT_WRITERS[name] }));
  const entryNames = safeEntryNames(
    prepared.recordings.map(({ name }) => name),
    formats.map(({ extension }) => extension),
  );
  const task = { alphabet: prepared.language.alphabet };
  const writers = formats.map(({ name, begin }) => ({ name, writer: begin(task) }));
  const files = new OutputFiles(path.join(ctx.workspaceDir, 'out'));
  await using view = new ViewFiles(ctx);
  const warningsOf = Map.groupBy(warnings, ({ place }) => place?.file);
  const results: WrittenRecording[] = [];
  for (const [index, recording] of prepared.recordings.entries()) {
    ctx.signal.throwIfAborted();
    const entryName = must(entryNames[index], 'the name of a recording in the zip');
    const result = await inTurns(makeResult(recording, aligned, entryName), ctx.signal);
    warnings.push(...result.warnings);
    const original = await readOriginal(recording, formats, { ...ctx, language: prepared.language });
    const document = original === null ? result.document : { ...result.document, original };
    for (const { name, writer } of writers)
      await files.take(name, recording.id, (sink) => writer.add(document, sink), ctx.signal);
    const findings = [recording.transcript, recording.audio].flatMap(
      ({ originalName }) => warningsOf.get(originalName) ?? [],
    );
    await view.add(recording, document, [...findings, ...result.warnings]);
    results.push({ recording, entryName, tiers: result.tiers });
  }
  for (const { name, writer } of writers)
    await files.take(name, null, (sink) => writer.end(sink), ctx.signal);
  await view.end();
  const zip = await pack(await files.list(ctx.signal), results, warnings, aligned, ctx);
  view.keep();
  ctx.report({ stage: 'package', progress: PROGRESS.end, counts: prepared.counts });
  return {
    zipPath: zip.path,
    downloadPath: path.relative(ctx.uploadsDir, zip.path),
    warnings,
    counts: prepared.counts,
    files: listOnce([
      ...prepared.recordings.flatMap(inputFiles),
      ...(await findStrayAudio(ctx)),
      outputFile(zip, ctx),
    ]),
    suggestions: draftSuggestions(prepared),
  };
}

async function pack(
  files: readonly (OutputFile & PackagedOutput)[],
  results: readonly WrittenRecording[],
  warnings: readonly Warning[],
  { prepared, cut }: Aligned,
  ctx: StageContext,
): Promise<{ path: string; bytes: number; sha256: string }> {
  const { language } = prepared;
  const outputs = Map.groupBy(files, ({ recordingId }) => recordingId);
  const outputsOf = (id: string | null) => outputs.get(id) ?? [];
  const facts = {
    prepared,
    recordings: results.map((one) => ({ ...one, outputs: outputsOf(one.recording.id) })),
    outputs: outputsOf(null),
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
  const entries = [
    ...texts,
    ...files.map(({ name, path: filePath }) => ({ name, content: { path: filePath } })),
  ];
  const zipPath = path.join(ctx.outputDir, `${ctx.task.taskId}.zip`);
  await makeOwnFolder(ctx.uploadsDir, path.relative(ctx.uploadsDir, ctx.outputDir));
  const zip = await writeZip(entries, zipPath, { maxBytes: ctx.taskLimits.resultBytes, signal: ctx.signal });
  const expected = [
    ...texts.map(({ name }) => ({ name, result: null })),
    ...expectedOutputs(
      facts.outputs,
      facts.recordings.map(({ recording, outputs }) => ({ durationSec: recording.wav.durationSec, outputs })),
    ),
  ];
  await verifyZip(zipPath, expected, ctx.signal);
  return zip;
}

/** Each file once: a table may be the transcript of many recordings. */
export function listOnce(files: readonly PackagedFile[]): PackagedFile[] {
  const byPath = new Map<string, PackagedFile>();
  for (const file of files) if (!byPath.has(file.path)) byPath.set(file.path, file);
  return [...byPath.values()];
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
