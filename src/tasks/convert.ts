import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ColumnChoices } from '../base/column-choices.ts';
import { type Fault, TaskError, toTaskError, type Warning } from '../base/errors.ts';
import { findingAt } from '../base/finding.ts';
import { transcriptFormatOf } from '../base/input-kinds.ts';
import { inTurns } from '../base/pieces.ts';
import type { ResultFormatName } from '../base/result-kinds.ts';
import type { FileSink, ResultAudio } from '../formats/result.ts';
import { RESULT_WRITERS } from '../formats/result-formats.ts';
import type { LegacyEncoding } from '../formats/text-encoding.ts';
import type { ReadOptions, Transcript } from '../formats/transcript.ts';
import { readTranscriptInPieces } from '../formats/transcript-formats.ts';
import { readWavHeader } from '../formats/wav-header.ts';
import { readBytes } from '../pipeline/prepare/read-pair.ts';
import { describeLosses, hasLabels } from './conversion-losses.ts';
import { makeDocument } from './converted-document.ts';
import { gather } from './gather.ts';
import { writeNew } from './write-new.ts';

export interface Conversion {
  /** Path of the transcript, as the user gave it. */
  readonly from: string;
  readonly to: string;
}

export interface ConvertOptions {
  readonly format: ResultFormatName;
  /** Of transcripts that are not Unicode; null: there are none. */
  readonly legacyEncoding: LegacyEncoding | null;
  /** Columns of tables that the user has chosen. */
  readonly columns: ColumnChoices;
  /** Whether a file that is there is replaced. */
  readonly isForced: boolean;
  readonly signal: AbortSignal;
}

export interface Converted extends Conversion {
  /** What the new file does not have, as whole sentences. */
  readonly losses: readonly string[];
  readonly warnings: readonly Warning[];
  /** Not empty: nothing was written. */
  readonly faults: readonly Fault[];
}

/**
 * Reads transcripts of any format and writes them in another one. What is written is read back before it gets its name.
 * The fault of one file does not hinder the others.
 * @throws the reason of `signal`
 */
export async function convert(
  conversions: readonly Conversion[],
  options: ConvertOptions,
): Promise<Converted[]> {
  const audio = await findAudio(conversions.map(({ from }) => from));
  const converted: Converted[] = [];
  for (const one of conversions) {
    const warnings: Warning[] = [];
    try {
      options.signal.throwIfAborted();
      const losses = await convertOne(one, audio.get(path.resolve(one.from)) ?? null, warnings, options);
      converted.push({ ...one, losses, warnings, faults: [] });
    } catch (error) {
      options.signal.throwIfAborted();
      const { faults } = toTaskError(error);
      converted.push({ ...one, losses: [], warnings, faults: faults.map((fault) => placedIn(one, fault)) });
    }
  }
  return converted;
}

/** @returns what is lost */
async function convertOne(
  { from, to }: Conversion,
  audio: ResultAudio | null,
  warnings: Warning[],
  { format, legacyEncoding, columns, isForced, signal }: ConvertOptions,
): Promise<string[]> {
  const audioSec = audio === null ? null : audio.sampleCount / audio.sampleRateHz;
  const read = async (bytes: Uint8Array, name: string, options: Pick<ReadOptions, 'warn' | 'columns'>) =>
    inTurns(readTranscriptInPieces(bytes, name, { legacyEncoding, audioSec, ...options }), signal);
  await assertTranscript(from);
  const bytes = await readBytes(from, from);
  const warn = (warning: Warning) => warnings.push(warning);
  const source = await read(bytes, from, { warn, columns });
  const writer = RESULT_WRITERS[format];
  const isCopied = writer.addsTo === transcriptFormatOf(from);
  const original = isCopied ? { name: from, bytes, legacyEncoding } : null;
  const document = makeDocument(source, { file: from, name: path.parse(to).name, audio, format, original });
  const files = new Map<string, string[]>();
  const add = (name: string, text: string) => {
    const parts = files.get(name);
    if (parts === undefined) files.set(name, [text]);
    else parts.push(text);
  };
  const sink: FileSink = { toRecording: add, toTask: add };
  const work = writer.begin({ alphabet: 'phones' });
  await inTurns(work.add(document, sink), signal);
  await inTurns(work.end(sink), signal);
  const [written, second] = files.values();
  if (written === undefined || second !== undefined) {
    const text = `${format} makes ${files.size} files of a transcript; convert writes formats of one file`;
    throw new TaskError('E_USAGE', text);
  }
  let back: Transcript | null = null;
  await writeNew(to, written, isForced, async (filePath) => {
    const stored = await readFile(filePath);
    await writer.check(inOnePiece(stored), { name: to, durationsSec: [document.durationSec] });
    // A table without rows is no transcript.
    const isRead = transcriptFormatOf(to) !== null && hasLabels(source);
    if (isRead) back = await read(stored, to, { warn: () => {} });
  });
  return describeLosses(source, back, {
    ...{ from, to, format, isCopied },
    isWordsOnly: writer.isWordsOnly === true,
  });
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}

async function assertTranscript(file: string): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null) throw new TaskError('E_USAGE', 'no such file', { place: { file } });
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

/** Every fault says of which file it is; formats of results know the name alone that the recording has in the new file. */
function placedIn({ from, to }: Conversion, fault: Fault): Fault {
  const isNamed = fault.place !== undefined && fault.place.file !== path.parse(to).name;
  return isNamed ? fault : findingAt(fault.code, { ...fault.place, file: from }, fault.text);
}

/**
 * The recordings that lie beside transcripts and have their names, by the real path of the transcript. They tell how long
 * a transcript is; without them, its last label does.
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
    // Of recordings that need a tool to be read, nothing is known.
    const wav = await readWavHeader(audio.path, name).catch(() => null);
    if (wav === null) continue;
    found.set(transcript.path, { name, sampleRateHz: wav.sampleRateHz, sampleCount: wav.frameCount });
  }
  return found;
}
