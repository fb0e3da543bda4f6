import { rm } from 'node:fs/promises';
import path from 'node:path';
import { MAX_CHANNELS } from '../../base/channels.ts';
import { TaskError, type Warning } from '../../base/errors.ts';
import { nameOfKind, openAudio, readStart } from '../../formats/audio-file.ts';
import { isWav } from '../../formats/wav-chunks.ts';
import { probeWav, readWavHeader, type WavInfo } from '../../formats/wav-header.ts';
import { audioEndsEarly, END_TOLERANCE_SEC, judgeDamage, readGaps } from './audio-damage.ts';
import {
  type DecodePlace,
  type FfmpegReport,
  type FfmpegRun,
  type FfmpegSettings,
  runFfmpeg,
} from './ffmpeg.ts';

/** A recording as plain 16-bit PCM wav. */
export interface PlainAudio {
  readonly path: string;
  readonly wav: WavInfo;
  /** W_AUDIO_DAMAGED: what could not be read is silence, or the audio ends long before the film. */
  readonly damage?: Warning;
}

/**
 * Turns any accepted recording into plain wav. One that is plain already stays as it is, and needs no tool.
 * @throws TaskError E_AUDIO_MISSING, E_AUDIO_EMPTY, E_AUDIO_TOOL_MISSING, E_AUDIO_FORMAT, E_AUDIO_CUT_SHORT; what
 *   `readWavHeader` throws
 */
export type DecodeAudio = (
  inputPath: string,
  file: string,
  id: string,
  place: DecodePlace,
) => Promise<PlainAudio>;

/** Rounding of a container's duration. */
const DURATION_TOLERANCE_SHARE = 0.005;
const WAV_NAME = /\.wave?$/i;
const PLAIN = 'plain';

/** A decoder that uses ffmpeg if it has to. It compares what ffmpeg wrote with the duration that the file declares. */
export function createAudioDecoder(settings: FfmpegSettings): DecodeAudio {
  return async (inputPath, file, id, place) => {
    const maxChannels = place.keepsChannels === true ? MAX_CHANNELS : 2;
    const { kind, headerSec } = await findKind(inputPath, file, maxChannels);
    if (kind === PLAIN) return { path: inputPath, wav: await readWavHeader(inputPath, file, maxChannels) };
    const outputPath = path.join(place.scratchDir, `${id}.wav`);
    const run = { inputPath, file, kind, outputPath, framesPath: null };
    const report = await runFfmpeg(settings, run, place);
    if (report.hasNoAudio || report.isKilled) throw notAudio(file, report);
    if (!report.isDone || report.firstError !== null) {
      return await decodeDamaged(settings, run, { ...report, headerSec }, place);
    }
    const wav = await readDecoded(outputPath, file, place);
    const { declaredSec } = report;
    if (declaredSec === null || isWhole(wav.durationSec, declaredSec)) return { path: outputPath, wav };
    if (!report.hasOtherTracks) throw cutShort(wav.durationSec, declaredSec, file);
    return { path: outputPath, wav, damage: audioEndsEarly(file, wav.durationSec, declaredSec) };
  };
}

/**
 * What a file is by its first bytes: an mp3 may be called `talk.wav`, and a wav `talk.mp3`. Faults of a wav, and of a file
 * that is called wav and looks like nothing known, are left to the reader of wav.
 * @returns `kind`: PLAIN when it needs no conversion; otherwise its kind, for messages. `headerSec`: the duration of a
 *   wav, known also where ffmpeg knows none, as of a wav that came through a pipe
 */
async function findKind(
  inputPath: string,
  file: string,
  maxChannels: number,
): Promise<{ readonly kind: string; readonly headerSec: number | null }> {
  await using handle = await openAudio(inputPath, file);
  const { start } = await readStart(handle, file);
  const kind = nameOfKind(start);
  if (!isWav(start) && (kind !== null || !WAV_NAME.test(file))) {
    return { kind: kind ?? 'a file of this type', headerSec: null };
  }
  const info = await probeWav(handle, file);
  const isForUs =
    info.isPcm &&
    info.bitsPerSample === 16 &&
    info.channelCount <= maxChannels &&
    info.sampleRateHz <= 48_000;
  // Below the lowest rate no tool can help: the reader refuses the file.
  const other = `a wav file of another form than 16-bit PCM in 1 ${maxChannels === 2 ? 'or' : 'to'} ${maxChannels} channels up to 48 kHz`;
  return {
    kind: isForUs || info.sampleRateHz < 8_000 ? PLAIN : other,
    headerSec: info.durationSec,
  };
}

/**
 * Decodes once more, across the damage, with silence for audio that cannot be read.
 * @param first - of the run that stops at the first fault
 */
async function decodeDamaged(
  settings: FfmpegSettings,
  run: FfmpegRun,
  first: FfmpegReport & { readonly headerSec: number | null },
  place: DecodePlace,
): Promise<PlainAudio> {
  const { file, outputPath } = run;
  // The length of its output tells where it stopped.
  const stopped = first.isDone ? null : await readDecoded(outputPath, file, place).catch(() => null);
  await rm(outputPath, { force: true });
  const framesPath = `${outputPath}.frames`;
  const report = await runFfmpeg(settings, { ...run, framesPath }, place);
  if (!report.isDone) throw notAudio(file, first);
  const wav = await readDecoded(outputPath, file, place);
  const gaps = await readGaps(framesPath);
  const damage = judgeDamage({
    file,
    firstError: first.firstError ?? report.firstError ?? first.processEnd,
    stoppedSec: stopped?.durationSec ?? null,
    gaps,
    declaredSec: report.declaredSec ?? first.headerSec,
    foundSec: wav.durationSec,
  });
  return { path: outputPath, wav, ...(damage === null ? {} : { damage }) };
}

function notAudio(file: string, { hasNoAudio, processEnd }: FfmpegReport): TaskError {
  const found = hasNoAudio
    ? 'expected audio, found none in it'
    : `ffmpeg cannot read it as audio (${processEnd})`;
  return new TaskError('E_AUDIO_FORMAT', `${found}; upload it as 16-bit PCM wav`, {
    place: { file },
  });
}

async function readDecoded(
  outputPath: string,
  file: string,
  { keepsChannels }: DecodePlace,
): Promise<WavInfo> {
  try {
    return await readWavHeader(outputPath, file, keepsChannels === true ? MAX_CHANNELS : 2);
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    throw new TaskError(
      'E_AUDIO_FORMAT',
      `ffmpeg ended with status 0, but gave no audio (${error.faults[0].text}); upload it as 16-bit PCM wav`,
      { place: { file }, cause: error },
    );
  }
}

function isWhole(foundSec: number, declaredSec: number): boolean {
  return foundSec >= declaredSec - Math.max(END_TOLERANCE_SEC, declaredSec * DURATION_TOLERANCE_SHARE);
}

function cutShort(foundSec: number, declaredSec: number, file: string): TaskError {
  return new TaskError(
    'E_AUDIO_CUT_SHORT',
    `expected ${declaredSec.toFixed(2)} s of audio, as the file declares, found ${foundSec.toFixed(2)} s; ` +
      'it is damaged or was not uploaded whole',
    { place: { file } },
  );
}
