import type { FileHandle } from 'node:fs/promises';
import { plural } from '../base/count-text.ts';
import { audioFault, openAudio } from './audio-file.ts';
import { findChunks, SAVE_AS_WAV, type WavChunks } from './wav-chunks.ts';

/** The header of a wav file, compared with the length of the file. */
export interface WavInfo {
  /** 1 = PCM, 3 = floating point, 6 = A-law, 7 = mu-law, ...; of an extensible header, the format inside. */
  readonly formatTag: number;
  readonly isPcm: boolean;
  readonly channelCount: number;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  /** Whether samples have their highest byte first. */
  readonly isBigEndian: boolean;
  /** Where the samples begin, in bytes from the start of the file. */
  readonly dataOffset: number;
  readonly dataBytes: number;
  /** Samples per channel. */
  readonly frameCount: number;
  readonly durationSec: number;
}

const MIN_RATE_HZ = 8_000;
const MAX_RATE_HZ = 48_000;

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** The rest of the format in an extensible header, in hexadecimal digits, if it is one of the numbered formats. */
const EXTENSIBLE_TAIL = '000000001000800000aa00389b71';
const EXTENSIBLE_BYTES = 40;
/** How many digits after the point two times have in a message. */
const MIN_DIGITS = 2;
const MAX_DIGITS = 6;
const FORMAT_NAMES: Readonly<Record<number, string>> = {
  2: 'ADPCM',
  6: 'A-law',
  7: 'mu-law',
  17: 'ADPCM',
  85: 'MP3',
};

/** How many channels a recording may have if they are mixed. */
const MIXED_CHANNELS = 2;

/**
 * Reads the header of a wav file that can be aligned as it is: 16-bit PCM, one or two channels, 8 to 48 kHz. Reads a
 * few hundred bytes, whatever the length of the file. The audio must be as long as the header says, unless the header
 * cannot be true: see `settleDataBytes`.
 * @param source - a path, or a handle that stays open
 * @param file - the user's name of the file, for messages
 * @param maxChannels - more than two if the channels are not mixed, but read one by one
 * @throws TaskError E_AUDIO_MISSING, E_AUDIO_EMPTY (no bytes or no samples), E_AUDIO_FORMAT, E_AUDIO_CUT_SHORT,
 *   E_AUDIO_RATE
 */
export async function readWavHeader(
  source: FileHandle | string,
  file: string,
  maxChannels = MIXED_CHANNELS,
): Promise<WavInfo> {
  const info = await probeWav(source, file);
  assertPlainPcm16(info, file, maxChannels);
  return info;
}

/**
 * As `readWavHeader`, but takes a wav file of any sample format, channel count and rate.
 * @throws TaskError E_AUDIO_MISSING, E_AUDIO_EMPTY, E_AUDIO_FORMAT (no wav file at all), E_AUDIO_CUT_SHORT
 */
export async function probeWav(source: FileHandle | string, file: string): Promise<WavInfo> {
  if (typeof source !== 'string') return toInfo(await findChunks(source, file), file);
  await using handle = await openAudio(source, file);
  return toInfo(await findChunks(handle, file), file);
}

/** Whether the samples are 16-bit PCM in at most a given number of channels: what the worker reads itself. @internal */
export function isPlainPcm16(info: WavInfo, maxChannels = MIXED_CHANNELS): boolean {
  return info.isPcm && info.bitsPerSample === 16 && info.channelCount <= maxChannels;
}

/**
 * Checks that a wav file is 16-bit PCM at 8 to 48 kHz in at most a given number of channels.
 * @throws TaskError E_AUDIO_FORMAT, E_AUDIO_RATE
 */
export function assertPlainPcm16(info: WavInfo, file: string, maxChannels = MIXED_CHANNELS): void {
  if (!isPlainPcm16(info, maxChannels)) {
    const found = `${describeFormat(info)} in ${plural(info.channelCount, 'channel')}`;
    throw audioFault(
      'E_AUDIO_FORMAT',
      file,
      `a wav file of 16-bit PCM in 1 ${maxChannels === 2 ? 'or' : 'to'} ${maxChannels} channels`,
      found,
      SAVE_AS_WAV,
    );
  }
  if (info.sampleRateHz < MIN_RATE_HZ || info.sampleRateHz > MAX_RATE_HZ) {
    const fix =
      info.sampleRateHz < MIN_RATE_HZ
        ? 'at such a rate, speech sounds cannot be distinguished: record again, or find the original'
        : 'convert it (in Praat: "Resample..." to 44100, then "Save as WAV file...")';
    const expected = `a sample rate of ${MIN_RATE_HZ} to ${MAX_RATE_HZ} Hz`;
    throw audioFault('E_AUDIO_RATE', file, expected, `${info.sampleRateHz} Hz`, fix);
  }
}

function describeFormat({ formatTag, bitsPerSample }: WavInfo): string {
  if (formatTag === PCM) return `${bitsPerSample}-bit PCM`;
  if (formatTag === FLOAT) return `${bitsPerSample}-bit floating point`;
  return FORMAT_NAMES[formatTag] ?? `samples of format ${formatTag}`;
}

function toInfo(
  { format, isBigEndian, dataOffset, dataBytes, foundBytes }: WavChunks,
  file: string,
): WavInfo {
  if (format === null || format.length < 16) {
    const found = 'none before the audio';
    throw audioFault('E_AUDIO_FORMAT', file, 'a wav file that names its format', found, SAVE_AS_WAV);
  }
  const read16 = (at: number): number => (isBigEndian ? format.readUInt16BE(at) : format.readUInt16LE(at));
  const read32 = (at: number): number => (isBigEndian ? format.readUInt32BE(at) : format.readUInt32LE(at));
  const isExtensible =
    read16(0) === EXTENSIBLE &&
    format.length >= EXTENSIBLE_BYTES &&
    format.toString('hex', 26, EXTENSIBLE_BYTES) === EXTENSIBLE_TAIL;
  const formatTag = read16(isExtensible ? 24 : 0);
  const channelCount = read16(2);
  const sampleRateHz = read32(4);
  const bytesPerSec = read32(8);
  const frameBytes = read16(12);
  const bitsPerSample = read16(14);
  const isUniform = formatTag === PCM || formatTag === FLOAT;
  const isConsistent =
    channelCount > 0 && sampleRateHz > 0 && frameBytes > 0 && (bytesPerSec > 0 || !isUniform);
  if (!isConsistent || (isUniform && frameBytes !== channelCount * Math.ceil(bitsPerSample / 8))) {
    const found = `${channelCount} channels of ${bitsPerSample} bits at ${sampleRateHz} Hz in ${frameBytes} bytes`;
    throw audioFault('E_AUDIO_FORMAT', file, 'a wav header whose numbers fit together', found, SAVE_AS_WAV);
  }
  // Compressed samples have no fixed size each: the bytes per second are a hint, which some leave out.
  const secOf = (bytes: number): number =>
    isUniform
      ? Math.floor(bytes / frameBytes) / sampleRateHz
      : bytes / (bytesPerSec || frameBytes * sampleRateHz);
  // Part of a frame is not audio, so only whole frames are compared.
  const isCut = Math.floor(dataBytes / frameBytes) > Math.floor(foundBytes / frameBytes);
  if (isCut) {
    const [expected, found] = tellApart(secOf(dataBytes), secOf(foundBytes));
    throw audioFault(
      'E_AUDIO_CUT_SHORT',
      file,
      `${dataBytes} bytes of audio (${expected} s)`,
      `${foundBytes} bytes (${found} s)`,
      'the file was cut short: copy it again',
    );
  }
  const durationSec = secOf(dataBytes);
  const frameCount = isUniform ? Math.floor(dataBytes / frameBytes) : Math.round(durationSec * sampleRateHz);
  if (frameCount === 0) {
    throw audioFault('E_AUDIO_EMPTY', file, 'audio', 'a wav file without samples', 'copy or record it again');
  }
  return {
    formatTag,
    isPcm: formatTag === PCM,
    channelCount,
    sampleRateHz,
    bitsPerSample,
    isBigEndian,
    dataOffset,
    dataBytes: Math.min(dataBytes, foundBytes),
    frameCount,
    durationSec,
  };
}

/** Writes two times with as many digits, 2 to 6, as are needed to see that they differ. */
function tellApart(oneSec: number, otherSec: number): [string, string] {
  for (let digits = MIN_DIGITS; digits < MAX_DIGITS; digits++) {
    const told: [string, string] = [oneSec.toFixed(digits), otherSec.toFixed(digits)];
    if (told[0] !== told[1]) return told;
  }
  return [oneSec.toFixed(MAX_DIGITS), otherSec.toFixed(MAX_DIGITS)];
}
