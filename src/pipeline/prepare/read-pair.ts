import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { channelNamesOf } from '../../base/channels.ts';
import { type Fault, TaskError, type Warning } from '../../base/errors.ts';
import { hashFile } from '../../base/file-hash.ts';
import { fileVersion } from '../../base/file-version.ts';
import { findingAt } from '../../base/finding.ts';
import { inTurns } from '../../base/pieces.ts';
import type { LegacyEncoding } from '../../formats/text-encoding.ts';
import type { Tier } from '../../formats/tiers.ts';
import type { RecordingRows, TableOptions, Transcript } from '../../formats/transcript.ts';
import { readTranscriptInPieces } from '../../formats/transcript-formats.ts';
import type { InputFile, ReadPair } from '../prepared.ts';
import type { InspectOptions } from './inspection.ts';
import type { InputPath, InputRecording } from './pairs.ts';
import { readChannels } from './read-channels.ts';

/** The transcript of a long conversation has a few megabytes. */
const MAX_TRANSCRIPT_BYTES = 64 * 1024 * 1024;
const MIN_GOOD_RATE_HZ = 16_000;

/** The rows of a table about a recording, with the file of the table. */
export interface Rows extends RecordingRows {
  readonly file: InputFile;
}

export interface PairReport {
  /** Null: the audio or the transcript cannot be read. */
  readonly pair: ReadPair | null;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads a recording and its transcript; the fault of one does not hide that of the other.
 * @param source - the file of the transcript, or the rows of a table about the recording
 */
export async function readPair(
  id: string,
  { name, audio }: Pick<InputRecording, 'name' | 'audio'>,
  source: InputPath | Rows,
  options: InspectOptions,
): Promise<PairReport> {
  const { dir, decodeAudio, place, policy } = options;
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  const audioName = path.relative(dir, audio.path);
  const collect = async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof TaskError)) throw error;
      faults.push(...error.faults);
      return null;
    }
  };

  const names = channelNamesOf(policy.channels);
  const howDecoded = { ...place, keepsChannels: names !== null };
  const decoded = await collect(() => decodeAudio(audio.path, audioName, id, howDecoded));
  const audioSec = decoded?.wav.durationSec ?? null;
  const content = await collect(async () => {
    if ('toTranscript' in source)
      return audioSec === null ? null : inTurns(source.toTranscript(audioSec), place.signal);
    const file = path.relative(dir, source.path);
    const bytes = await readBytes(source.path, file);
    const rate = decoded === null ? {} : { audioRateHz: decoded.wav.sampleRateHz };
    const settings = { ...readSettings(options, warnings), audioSec, audioName, ...rate };
    return inTurns(readTranscriptInPieces(bytes, file, settings), place.signal);
  });
  if (decoded === null || content === null) return { pair: null, faults, warnings };
  const { wav, damage } = decoded;
  if (damage !== undefined) warnings.push(damage);

  if (wav.sampleRateHz < MIN_GOOD_RATE_HZ) {
    const text = `${wav.sampleRateHz} Hz; expect less exact boundaries than from ${MIN_GOOD_RATE_HZ} Hz and above`;
    warnings.push(findingAt('W_AUDIO_LOW_RATE', { file: audioName }, text));
  }
  const channels = await collect(() =>
    readChannels(names, { path: decoded.path, info: wav }, audioName, place.signal),
  );
  if (channels === null) return { pair: null, faults, warnings };
  warnings.push(...channels.warnings);
  if (channels.channels === null && wav.channelCount > 1) {
    const text = `${wav.channelCount} channels are mixed to one for the aligner`;
    warnings.push(findingAt('W_AUDIO_MIXED_DOWN', { file: audioName }, text));
  }
  const pair: ReadPair = {
    id,
    name,
    plainPath: decoded.path,
    audio: await describeFile(audio.path, audioName, options),
    transcript: 'file' in source ? source.file : await describeTranscript(source, options),
    wav,
    channels: channels.channels,
    content: fromStartOfAudio(content, wav.durationSec),
  };
  return { pair, faults, warnings };
}

/** Reads the bytes of a transcript. @throws TaskError E_LIMIT */
export async function readBytes(filePath: string, file: string): Promise<Uint8Array> {
  const { size } = await stat(filePath);
  if (size > MAX_TRANSCRIPT_BYTES) {
    throw new TaskError('E_LIMIT', `${size} bytes; expected at most ${MAX_TRANSCRIPT_BYTES}`, {
      place: { file },
    });
  }
  return readFile(filePath);
}

/** The settings of a task for readers of transcripts. */
export function readSettings(
  { resources: { language }, columns }: Pick<InspectOptions, 'resources' | 'columns'>,
  warnings: Warning[],
): TableOptions {
  return {
    legacyEncoding: (language.legacyEncoding ?? null) as LegacyEncoding | null,
    columns,
    warn: (warning) => warnings.push(warning),
  };
}

export async function describeTranscript(
  { path: filePath }: InputPath,
  options: Pick<InspectOptions, 'dir' | 'uploadsDir' | 'isCheckOnly' | 'place'>,
): Promise<InputFile> {
  return describeFile(filePath, path.relative(options.dir, filePath), options);
}

async function describeFile(
  filePath: string,
  originalName: string,
  { uploadsDir, isCheckOnly = false, place }: Pick<InspectOptions, 'uploadsDir' | 'isCheckOnly' | 'place'>,
): Promise<InputFile> {
  const found = await stat(filePath, { bigint: true });
  const version = fileVersion(found);
  const content = isCheckOnly
    ? { bytes: Number(found.size), sha256: '' }
    : await hashFile(filePath, place.signal);
  return { path: path.relative(uploadsDir, filePath), originalName, ...content, version };
}

/**
 * A transcript that was cut out of a longer one may keep the times of the whole, while its recording starts at 0: then its
 * times are moved. One that fits the recording stays as it is.
 */
function fromStartOfAudio(content: Transcript, durationSec: number): Transcript {
  const slackSec = 0.1;
  if (content.startSec === 0 || content.endSec <= durationSec + slackSec) return content;
  if (content.endSec - content.startSec > durationSec + slackSec) return content;
  const move = (timeSec: number) => timeSec - content.startSec;
  const tiers = content.tiers.map((tier): Tier => {
    const span = { startSec: move(tier.startSec), endSec: move(tier.endSec) };
    return tier.kind === 'point'
      ? { ...tier, ...span, points: tier.points.map((point) => ({ ...point, timeSec: move(point.timeSec) })) }
      : {
          ...tier,
          ...span,
          intervals: tier.intervals.map((interval) => ({
            ...interval,
            startSec: move(interval.startSec),
            endSec: move(interval.endSec),
          })),
        };
  });
  return { ...content, startSec: 0, endSec: move(content.endSec), tiers };
}
