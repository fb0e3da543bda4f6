import { realpath } from 'node:fs/promises';
import { TaskError } from '../../base/errors.ts';
import { FFMPEG_READERS } from '../../base/input-kinds.ts';
import { engineEnvironment } from '../../engines/environment.ts';
import { type ProcessResult, runProcess } from '../../engines/process/run-process.ts';

export interface FfmpegSettings {
  /** Name or path of ffmpeg. */
  readonly ffmpeg: string;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/** Where decoded audio may be put, and how long it may take. */
export interface DecodePlace {
  /** Existing, private, ASCII. */
  readonly scratchDir: string;
  readonly logPath: string;
  readonly timeoutSec: number;
  readonly signal: AbortSignal;
  /** Whether all channels stay; otherwise more than two are mixed. */
  readonly keepsChannels?: boolean;
}

export interface FfmpegRun {
  readonly inputPath: string;
  /** The user's name of the file, for messages. */
  readonly file: string;
  /** What it is, for messages, such as `an MP3 file`. */
  readonly kind: string;
  /** Plain 16-bit wav; must not exist. */
  readonly outputPath: string;
  /**
   * Null: ffmpeg stops at the first damage that its decoder reports. Otherwise it goes on, with silence for what it cannot
   * read, so that what follows stays at its time; this file, which must not exist, lists what was read.
   */
  readonly framesPath: string | null;
}

export interface FfmpegReport {
  readonly isDone: boolean;
  /** Whether it was killed by a signal. */
  readonly isKilled: boolean;
  /** The duration that the file declares; null: none, or ffmpeg only guessed one. */
  readonly declaredSec: number | null;
  /** Whether the duration may be that of another track, such as the pictures of a film. */
  readonly hasOtherTracks: boolean;
  /** Whether the file was read and has no audio track. */
  readonly hasNoAudio: boolean;
  /** The first error that ffmpeg printed, such as `flac: invalid sync code`. */
  readonly firstError: string | null;
  /** How it ended, for a message: its first error, its last line or its status, with the user's file names. */
  readonly processEnd: string;
}

const RATES_HZ = '8000|11025|12000|16000|22050|24000|32000|44100|48000';
/** A line about a track of the file. */
const TRACK = /^Stream #0:\d+/;
/** Of a track that is the cover of a record. */
const PICTURE = '(attached pic)';
/** Times in some formats are wrong by a few milliseconds: only a longer gap is filled. */
export const MIN_GAP_SEC = 0.02;

/**
 * Lets ffmpeg write the first audio track of a file as plain wav. It may open only local files of known types: a playlist
 * that is called `.mp3` must not load anything from elsewhere.
 * @throws TaskError E_AUDIO_TOOL_MISSING, E_ENGINE_TIMEOUT; the reason of the signal
 */
export async function runFfmpeg(
  { ffmpeg, inherited }: FfmpegSettings,
  run: FfmpegRun,
  place: DecodePlace,
): Promise<FfmpegReport> {
  // A path of an open folder, `/proc/self/fd/N`, is valid in this process only.
  const inputPath = await realpath(run.inputPath);
  let declaredSec: number | null = null;
  let isGuess = false;
  let hasNoAudio = false;
  let trackCount = 0;
  let isInput = true;
  let firstError: string | null = null;
  const result = await runProcess({
    argv: [ffmpeg, ...listArguments(run, inputPath, place)],
    cwd: place.scratchDir,
    env: engineEnvironment({ TMPDIR: place.scratchDir }, inherited),
    logPath: place.logPath,
    timeoutSec: place.timeoutSec,
    // ffmpeg prints nothing while it works.
    silenceSec: place.timeoutSec,
    signal: place.signal,
    onLine: (line) => {
      const { level, source, text } = parseLine(line);
      declaredSec ??= parseDuration(text);
      // From the size and the first frames: several times too long where a recording begins in silence.
      isGuess ||= text.includes('Estimating duration from bitrate');
      isInput &&= !text.startsWith('Stream mapping:');
      if (isInput && TRACK.test(text) && !text.endsWith(PICTURE)) trackCount += 1;
      hasNoAudio ||= /^Stream map '0:a:0' matches no streams/.test(text);
      if (level === 'error' || level === 'fatal')
        firstError ??= source === null ? text : `${source}: ${text}`;
    },
  }).catch((error: unknown) => {
    if (error instanceof TaskError && error.code === 'E_ENGINE_MISSING')
      throw toolMissing(ffmpeg, run, error);
    throw error;
  });
  const inUserNames = (text: string): string =>
    text
      .replaceAll(`file:${inputPath}`, run.file)
      .replaceAll(inputPath, run.file)
      .replaceAll(`${place.scratchDir}/`, '');
  const quoted = firstError === null ? null : inUserNames(firstError);
  return {
    isDone: result.exitCode === 0,
    isKilled: result.signal !== null,
    declaredSec: isGuess ? null : declaredSec,
    hasOtherTracks: trackCount > 1,
    hasNoAudio,
    firstError: quoted,
    processEnd: quoted ?? inUserNames(describeProcessEnd(result)),
  };
}

function listArguments(
  { outputPath, framesPath }: FfmpegRun,
  inputPath: string,
  { keepsChannels }: DecodePlace,
): string[] {
  const isStrict = framesPath === null;
  const layouts = keepsChannels === true ? '' : ':channel_layouts=mono|stereo';
  const form = `aformat=sample_rates=${RATES_HZ}${layouts}`;
  const fill = `aresample=async=1:first_pts=0:min_hard_comp=${MIN_GAP_SEC}`;
  return [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'level+info'],
    ...(isStrict ? ['-xerror'] : []),
    ...['-protocol_whitelist', 'file', '-format_whitelist', FFMPEG_READERS],
    // With more threads, a decoder reports damage before it has written what comes before the damage.
    ...['-threads', '1', '-i', `file:${inputPath}`, '-map', '0:a:0', '-map_metadata', '-1'],
    ...['-af', isStrict ? form : `${fill},${form}`],
    ...['-c:a', 'pcm_s16le', '-bitexact', '-f', 'wav', `file:${outputPath}`],
    ...(isStrict ? [] : ['-map', '0:a:0', '-f', 'framecrc', `file:${framesPath}`]),
  ];
}

interface Line {
  /** `error`, `info`, ...; null: the line has none. */
  readonly level: string | null;
  /** Part of ffmpeg that printed it, such as `flac`. */
  readonly source: string | null;
  readonly text: string;
}

/** `[flac @ 0x55d7] [error] invalid sync code`, `[info]   Duration: ...`. */
function parseLine(line: string): Line {
  const [, sources = '', level = null, text = line] =
    /^((?:\[[^\]]+ @ 0x[0-9a-f]+\] )*)(?:\[([a-z]+)\] )?(.*)$/.exec(line) ?? [];
  const source = [...sources.matchAll(/\[([^\]]+) @ /g)].at(-1)?.[1] ?? null;
  return { level, source, text: text.trim() };
}

/** `Duration: 00:01:02.03, start: ...`; `N/A` for streams. */
function parseDuration(text: string): number | null {
  const [, hours, minutes, seconds] = /^Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text) ?? [];
  return hours === undefined ? null : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
}

function describeProcessEnd({ exitCode, signal, lastLines }: ProcessResult): string {
  if (signal !== null) return `it was killed by ${signal}`;
  const last = lastLines.at(-1);
  return last === undefined ? `exit status ${exitCode}` : parseLine(last).text;
}

function toolMissing(ffmpeg: string, { file, kind }: FfmpegRun, cause: TaskError): TaskError {
  return new TaskError(
    'E_AUDIO_TOOL_MISSING',
    `${kind} is read by ffmpeg, which was not found (${ffmpeg}); install ffmpeg or set FFMPEG, or upload 16-bit PCM wav`,
    { place: { file }, cause },
  );
}
