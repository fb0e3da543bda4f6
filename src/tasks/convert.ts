import { access, constants, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnChoices } from '../base/column-choices.ts';
import { type Fault, TaskError, toTaskError, type Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { transcriptFormatOf } from '../base/input-kinds.ts';
import { whyNotFound } from '../base/not-found.ts';
import { toNotWritten } from '../base/not-written.ts';
import { inTurns } from '../base/pieces.ts';
import type { ResultFormatName } from '../base/result-kinds.ts';
import { CSV_HEADER } from '../formats/csv/table.ts';
import type { ResultAudio } from '../formats/result.ts';
import { RESULT_WRITERS } from '../formats/result-formats.ts';
import type { LegacyEncoding } from '../formats/text-encoding.ts';
import type { ReadOptions, Transcript } from '../formats/transcript.ts';
import { readTranscriptInPieces } from '../formats/transcript-formats.ts';
import { readWavHeader } from '../formats/wav-header.ts';
import { readBytes } from '../pipeline/prepare/read-pair.ts';
import { describeLosses, hasLabels } from './conversion-losses.ts';
import { makeDocument } from './converted-document.ts';
import { createDocumentWriter, type DocumentWriter, type NewFiles } from './converted-files.ts';
import { gather } from './gather.ts';
import { FORCE, writeNew } from './write-new.ts';

const WITHOUT_TIERS: Transcript = { startSec: 0, endSec: 0, tiers: [] };

export interface Conversion {
  /** Path of the transcript, as the user gave it. */
  readonly from: string;
  readonly to: string;
}

export interface ConvertOptions {
  readonly format: ResultFormatName;
  /** The output folder, if there is one: a transcript may become several files there. */
  readonly folder: string | null;
  /** Encoding of transcripts that are not Unicode; null: there are none. */
  readonly legacyEncoding: LegacyEncoding | null;
  /** Columns of tables that the user has chosen. */
  readonly columns: ColumnChoices;
  /** Whether an existing file is replaced. */
  readonly isForced: boolean;
  readonly signal: AbortSignal;
}

export interface Converted extends Conversion {
  /** Further files that the transcript became. */
  readonly others: readonly string[];
  /** What the new file lacks, as whole sentences. */
  readonly losses: readonly string[];
  readonly warnings: readonly Warning[];
  /** Not empty: nothing was written. */
  readonly faults: readonly Fault[];
}

/**
 * Reads transcripts of any format and writes them in another one. What is written is read back before it gets its name.
 * A fault in one file does not stop the others.
 * @throws the reason of `signal`
 */
export async function convert(
  conversions: readonly Conversion[],
  options: ConvertOptions,
): Promise<Converted[]> {
  const audio = await findAudio(conversions.map(({ from }) => from));
  const converted: Converted[] = [];
  const format = RESULT_WRITERS[options.format];
  const database = format.isDatabase === true ? createDocumentWriter(format, options.signal) : null;
  const durationsSec: number[] = [];
  for (const one of conversions) {
    const warnings: Warning[] = [];
    try {
      options.signal.throwIfAborted();
      const context = { audio: audio.get(path.resolve(one.from)) ?? null, warnings, database, durationsSec };
      const { losses, written } = await convertOne(one, context, options);
      const [to = one.to, ...others] = written;
      converted.push({ ...one, to, others, losses, warnings, faults: [] });
    } catch (error) {
      options.signal.throwIfAborted();
      const { faults } = toTaskError(error);
      converted.push({
        ...one,
        others: [],
        losses: [],
        warnings,
        faults: faults.map((fault) => placedIn(one, fault)),
      });
    }
  }
  if (database !== null && durationsSec.length > 0)
    await writeAll(await database.end(), durationsSec, options);
  return converted;
}

interface Context {
  /** Null: it is not beside the transcript. */
  readonly audio: ResultAudio | null;
  readonly warnings: Warning[];
  /** For a format that makes one file of all transcripts; null: each has its own files. */
  readonly database: DocumentWriter | null;
  /** Of its recordings. */
  readonly durationsSec: number[];
}

/** @returns the losses, and the new files */
async function convertOne(
  { from, to }: Conversion,
  { audio, warnings, database, durationsSec }: Context,
  options: ConvertOptions,
): Promise<{ readonly losses: readonly string[]; readonly written: readonly string[] }> {
  const { format, legacyEncoding, columns, isForced, signal, folder } = options;
  const audioSec = audio === null ? null : audio.sampleCount / audio.sampleRateHz;
  const rate = audio === null ? {} : { audioRateHz: audio.sampleRateHz };
  const read = async (bytes: Uint8Array, name: string, own: Pick<ReadOptions, 'warn' | 'columns'>) =>
    inTurns(readTranscriptInPieces(bytes, name, { legacyEncoding, audioSec, ...rate, ...own }), signal);
  await assertTranscript(from);
  const bytes = await readBytes(from, from);
  const warn = (warning: Warning) => warnings.push(warning);
  const source = await read(bytes, from, { warn, columns });
  const writer = RESULT_WRITERS[format];
  const isCopied = writer.addsTo === transcriptFormatOf(from);
  const original = isCopied ? { name: from, bytes, legacyEncoding } : null;
  const name = path.parse(database === null ? to : from).name;
  const document = makeDocument(source, { file: from, name, audio, format, original });
  const choices = { from, to, format, isCopied, isWordsOnly: writer.isWordsOnly === true };
  const output = database ?? createDocumentWriter(writer, signal);
  const own = await output.add(document);
  const files = database === null ? new Map([...own, ...(await output.end())]) : own;
  const [only, second] = files.values();
  if (database !== null || second !== undefined) {
    if (folder === null) {
      const text = `${format} makes ${files.size} files of it, one for each speaker; give a folder that exists, and --to ${format}`;
      throw new TaskError('E_USAGE', text);
    }
    const written = await writeAll(files, [document.durationSec], options);
    durationsSec.push(document.durationSec);
    return { losses: describeLosses(source, null, choices), written };
  }
  if (only === undefined) {
    const text = `expected a tier with labels, of which ${format} is made, found none`;
    throw new TaskError('E_TRANSCRIPT_NO_WORDS', text, { place: { file: from } });
  }
  let back: Transcript | null = null;
  await writeNew(to, only, isForced, async (filePath) => {
    const stored = await readFile(filePath);
    await writer.check(inOnePiece(stored), { name: to, durationsSec: [document.durationSec] });
    if (transcriptFormatOf(to) === null || !hasLabels(source)) return;
    // A table without rows is not a transcript, so its reader refuses it.
    const isEmpty = stored.toString() === CSV_HEADER;
    back = isEmpty ? WITHOUT_TIERS : await read(stored, to, { warn: () => {} });
  });
  return { losses: describeLosses(source, back, choices), written: [to] };
}

/** Writes files into the folder: those of a database in sub-folders, others directly. @returns their paths */
async function writeAll(
  files: NewFiles,
  durationsSec: readonly number[],
  { format, folder, isForced }: Pick<ConvertOptions, 'format' | 'folder' | 'isForced'>,
): Promise<string[]> {
  const writer = RESULT_WRITERS[format];
  const written: string[] = [];
  const root = folder ?? '.';
  for (const [name, parts] of files) {
    const to = path.join(root, writer.isDatabase === true ? name : path.posix.basename(name));
    try {
      // In a folder that may not be written, making one says that it is not there.
      await access(root, constants.W_OK);
      await mkdir(path.dirname(to), { recursive: true });
    } catch (error) {
      throw toNotWritten(error, to, FORCE);
    }
    await writeNew(to, parts, isForced, async (filePath) =>
      writer.check(inOnePiece(await readFile(filePath)), { name, durationsSec }),
    );
    written.push(to);
  }
  return written;
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

async function assertTranscript(file: string): Promise<void> {
  const found = await stat(file).catch((error: unknown) => {
    throw new TaskError('E_USAGE', whyNotFound(error, 'file'), { place: { file }, cause: error });
  });
  if (!found.isFile()) {
    const kind = found.isDirectory()
      ? 'a folder; name the files in it'
      : 'a pipe or device; copy it to a file';
    throw new TaskError('E_USAGE', `expected a file, found ${kind}`, { place: { file } });
  }
  if (transcriptFormatOf(file) === null) {
    const text = 'it does not have the extension of a transcript; see docs/formats.md for what can be read';
    throw new TaskError('E_USAGE', text, { place: { file } });
  }
}

/** Every fault names its file. Formats of results only know the name of the recording in the new file. */
function placedIn({ from, to }: Conversion, fault: Fault): Fault {
  const isNamed = fault.place !== undefined && fault.place.file !== path.parse(to).name;
  return isNamed ? fault : findingAt(fault.code, { ...fault.place, file: from }, fault.text);
}

/**
 * The recordings that lie beside transcripts and have their names, by the real path of the transcript. They give the
 * length of a transcript; without them, its last label does.
 */
async function findAudio(files: readonly string[]): Promise<ReadonlyMap<string, ResultAudio>> {
  const found = new Map<string, ResultAudio>();
  const present: string[] = [];
  for (const file of files) {
    if (
      await stat(file).then(
        (one) => one.isFile(),
        () => false,
      )
    )
      present.push(file);
  }
  const { recordings } = await gather(present).catch(() => ({ recordings: [] }));
  for (const { audio, transcript } of recordings) {
    if (transcript === null) continue;
    const name = path.basename(audio.path);
    // Nothing is known of recordings that need a tool to be read.
    const wav = await readWavHeader(audio.path, name).catch(() => null);
    if (wav === null) continue;
    found.set(transcript.path, { name, sampleRateHz: wav.sampleRateHz, sampleCount: wav.frameCount });
  }
  return found;
}
