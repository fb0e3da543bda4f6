import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { TaskError } from '../base/errors.ts';
import { engineEnvironment } from '../engines/environment.ts';
import { type ProcessResult, runProcess } from '../engines/process/run-process.ts';
import { nameOfKind, openSound, readStart } from '../formats/sound-file.ts';
import { isWav } from '../formats/wav-chunks.ts';
import { probeWav, readWavHeader, type WavInfo } from '../formats/wav-header.ts';
import { FFMPEG_READERS } from './sound-types.ts';

/** Where decoded audio may be put, and how long it may take. */
export interface DecodePlace {
  /** Existing, private, ASCII. */
  readonly scratchDir: string;
  readonly logPath: string;
  readonly timeoutSec: number;
  readonly signal: AbortSignal;
}

/** A recording as plain 16-bit PCM wav. */
export interface PlainAudio {
  readonly path: string;
  readonly wav: WavInfo;
}

/** Turns any accepted recording into plain wav; one that is plain already is taken as it is, without any tool. */
export type DecodeAudio = (
  inputPath: string,
  file: string,
  id: string,
  place: DecodePlace,
) => Promise<PlainAudio>;

export interface DecoderSettings {
  /** Name or path of ffmpeg. */
  readonly ffmpeg: string;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/** What lossy formats may add or lose at the ends (padding of the encoder), and rounding of a container's duration. */
const DURATION_TOLERANCE_SEC = 0.25;
const DURATION_TOLERANCE_SHARE = 0.005;
const WAV_NAME = /\.wave?$/i;
const RATES_HZ = '8000|11025|12000|16000|22050|24000|32000|44100|48000';

/**
 * A decoder that uses ffmpeg where it has to. ffmpeg is given arguments, never a shell line; its status is checked,
 * and what it wrote is held against the duration that it read.
 * Fails with E_AUDIO_MISSING, E_AUDIO_EMPTY, E_AUDIO_TOOL_MISSING, E_AUDIO_FORMAT, E_AUDIO_CUT_SHORT, or what
 * readWavHeader says.
 */
export function createAudioDecoder({ ffmpeg, inherited }: DecoderSettings): DecodeAudio {
  return async (inputPath, file, id, place) => {
    if (await isPlain(inputPath, file)) {
      return { path: inputPath, wav: await readWavHeader(inputPath, file) };
    }
    const outputPath = path.join(place.scratchDir, `${id}.wav`);
    const declaredSec = await run(ffmpeg, inherited, inputPath, outputPath, file, place);
    const wav = await readDecoded(outputPath, file);
    if (declaredSec !== null) assertWhole(wav.durationSec, declaredSec, file);
    return { path: outputPath, wav };
  };
}

/**
 * Whether a file needs no conversion. Its first bytes decide: an mp3 may be called `talk.wav`, and a wav `talk.mp3`. A
 * wav that is cut short is told so by its reader, and so is what calls itself wav and looks like nothing known.
 */
async function isPlain(inputPath: string, file: string): Promise<boolean> {
  await using handle = await openSound(inputPath, file);
  const { start } = await readStart(handle, file);
  const isUnknown = nameOfKind(start) === null;
  if (!isWav(start) && !(isUnknown && WAV_NAME.test(file))) return false;
  const info = await probeWav(handle, file);
  const isForUs =
    info.isPcm && info.bitsPerSample === 16 && info.channelCount <= 2 && info.sampleRateHz <= 48_000;
  // Below the lowest rate no tool can help: let the reader say so.
  return isForUs || info.sampleRateHz < 8_000;
}

/** @returns the duration that the file declares, in seconds; null when it declares none, or ffmpeg only guesses it */
async function run(
  ffmpeg: string,
  inherited: DecoderSettings['inherited'],
  openPath: string,
  outputPath: string,
  file: string,
  place: DecodePlace,
): Promise<number | null> {
  // The path of an open folder means something in this process only.
  const inputPath = await realpath(openPath);
  let declaredSec: number | null = null;
  let isGuess = false;
  let isSoundless = false;
  const result = await runProcess({
    argv: [
      ffmpeg,
      ...[
        '-nostdin',
        '-hide_banner',
        '-nostats',
        '-xerror',
        '-protocol_whitelist',
        'file',
        '-format_whitelist',
        FFMPEG_READERS,
      ],
      ...['-i', `file:${inputPath}`, '-map', '0:a:0', '-map_metadata', '-1'],
      ...['-af', `aformat=sample_rates=${RATES_HZ}:channel_layouts=mono|stereo`],
      ...['-c:a', 'pcm_s16le', '-bitexact', '-f', 'wav', `file:${outputPath}`],
    ],
    cwd: place.scratchDir,
    env: engineEnvironment({ TMPDIR: place.scratchDir }, inherited),
    logPath: place.logPath,
    timeoutSec: place.timeoutSec,
    // It writes nothing while it works.
    silenceSec: place.timeoutSec,
    signal: place.signal,
    onLine: (line) => {
      declaredSec ??= parseDuration(line);
      // From the size and the first frames: several times too long where a recording begins in silence.
      isGuess ||= line.includes('Estimating duration from bitrate');
      isSoundless ||= /^Stream map '0:a:0' matches no streams/.test(line.trim());
    },
  }).catch((error: unknown) => {
    if (error instanceof TaskError && error.code === 'E_ENGINE_MISSING')
      throw toolMissing(ffmpeg, file, error);
    throw error;
  });
  if (result.exitCode === 0) return isGuess ? null : declaredSec;
  const found = isSoundless
    ? 'expected sound, found none in it'
    : `ffmpeg cannot read it as sound (${quote(result, inputPath, file, place)})`;
  throw new TaskError('E_AUDIO_FORMAT', `${file}: ${found}; upload it as 16-bit PCM wav`, {
    details: { file },
  });
}

/** What ffmpeg said last, in the user's names. */
function quote(
  { exitCode, signal, lastLines }: ProcessResult,
  inputPath: string,
  file: string,
  { scratchDir }: DecodePlace,
): string {
  const ending = signal === null ? `exit status ${exitCode}` : `it was ended by ${signal}`;
  const said = signal === null ? (lastLines.at(-1) ?? ending) : ending;
  return said
    .replaceAll(`file:${inputPath}`, file)
    .replaceAll(inputPath, file)
    .replaceAll(`${scratchDir}/`, '');
}

/** `  Duration: 00:01:02.03, start: ...`; `N/A` for streams. */
function parseDuration(line: string): number | null {
  const [, hours, minutes, seconds] = /^\s*Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(line) ?? [];
  return hours === undefined ? null : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

async function readDecoded(outputPath: string, file: string): Promise<WavInfo> {
  try {
    return await readWavHeader(outputPath, file);
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    throw new TaskError(
      'E_AUDIO_FORMAT',
      `${file}: ffmpeg ended as if all was well, but gave no sound (${error.message}); upload it as 16-bit PCM wav`,
      { details: { file }, cause: error },
    );
  }
}

function assertWhole(foundSec: number, declaredSec: number, file: string): void {
  const toleranceSec = Math.max(DURATION_TOLERANCE_SEC, declaredSec * DURATION_TOLERANCE_SHARE);
  if (foundSec >= declaredSec - toleranceSec) return;
  throw new TaskError(
    'E_AUDIO_CUT_SHORT',
    `${file}: expected ${declaredSec.toFixed(2)} s of sound, as the file declares, found ${foundSec.toFixed(2)} s; ` +
      'it is damaged or was not uploaded whole',
    { details: { file } },
  );
}

function toolMissing(ffmpeg: string, file: string, cause: TaskError): TaskError {
  return new TaskError(
    'E_AUDIO_TOOL_MISSING',
    `${file}: reading this format needs ffmpeg, which is not there (${ffmpeg}); install ffmpeg or set FFMPEG, or upload 16-bit PCM wav`,
    { details: { file }, cause },
  );
}
