import { type FileHandle, open } from 'node:fs/promises';
import { type ErrorCode, TaskError } from '../base/errors.ts';

/** What the header of a wav file says, held against the length of the file. */
export interface WavInfo {
  /** 1 = PCM, 3 = floating point, 6 = A-law, 7 = mu-law, ...; of an extensible header, the format inside. */
  readonly formatTag: number;
  readonly isPcm: boolean;
  readonly channelCount: number;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
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
/** What follows the format inside an extensible header, where it is one of the plain formats. */
const EXTENSIBLE_TAIL = '000000001000800000aa00389b71';
/** Size of the data that a program writes which cannot go back to fill it in. */
const UNKNOWN_SIZE = 0xffff_ffff;
/** Recorders write a handful of notes before the sound: a file with more chunks was made to keep us reading. */
const MAX_CHUNKS = 256;
const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 40;
const MEND = 'save it as 16-bit PCM wav (in Praat: open it and choose "Save as WAV file...")';
const FORMAT_NAMES: Readonly<Record<number, string>> = {
  2: 'ADPCM',
  6: 'A-law',
  7: 'mu-law',
  17: 'ADPCM',
  85: 'MP3',
};

/**
 * Reads the header of a wav file that can be aligned as it is: 16-bit PCM, one or two channels, 8 to 48 kHz.
 * Reads a few hundred bytes, whatever the length of the file.
 *
 * A data chunk of unknown size, as programs write it that send a wav through a pipe, ends with the file: the size is
 * 0xFFFFFFFF, or 0 in a file whose own size is 0 or 0xFFFFFFFF as well. Any other size has to fit.
 * @param source - a path, or a handle that stays open
 * @param file - the user's name of the file, for messages
 * @throws TaskError E_AUDIO_MISSING, E_AUDIO_EMPTY (no bytes or no samples), E_AUDIO_FORMAT, E_AUDIO_CUT_SHORT, E_AUDIO_RATE
 */
export async function readWavHeader(source: FileHandle | string, file: string): Promise<WavInfo> {
  const info = await probeWav(source, file);
  assertPlainPcm16(info, file);
  return info;
}

/**
 * As `readWavHeader`, but takes a wav file of any sample format, channel count and rate.
 * @throws TaskError E_AUDIO_MISSING, E_AUDIO_EMPTY, E_AUDIO_FORMAT (no wav file at all), E_AUDIO_CUT_SHORT
 */
export async function probeWav(source: FileHandle | string, file: string): Promise<WavInfo> {
  if (typeof source !== 'string') return await readChunks(source, file);
  let handle: FileHandle;
  try {
    handle = await open(source, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const message = `${file}: expected a sound file, found none; add it to the task`;
    throw new TaskError('E_AUDIO_MISSING', message, { details: { file }, cause: error });
  }
  try {
    return await readChunks(handle, file);
  } finally {
    await handle.close();
  }
}

/** Whether the samples are 16-bit PCM in one or two channels: what the worker reads without help. */
export function isPlainPcm16(info: WavInfo): boolean {
  return info.isPcm && info.bitsPerSample === 16 && (info.channelCount === 1 || info.channelCount === 2);
}

/** @throws TaskError E_AUDIO_FORMAT, E_AUDIO_RATE */
export function assertPlainPcm16(info: WavInfo, file: string): void {
  if (!isPlainPcm16(info)) {
    const found = `${describeFormat(info)} in ${info.channelCount} ${info.channelCount === 1 ? 'channel' : 'channels'}`;
    throw fault('E_AUDIO_FORMAT', file, 'a wav file of 16-bit PCM in 1 or 2 channels', found, MEND);
  }
  if (info.sampleRateHz < MIN_RATE_HZ || info.sampleRateHz > MAX_RATE_HZ) {
    const mend =
      info.sampleRateHz < MIN_RATE_HZ
        ? 'such a recording lacks what tells the sounds apart: record again, or find the original'
        : 'convert it (in Praat: "Resample..." to 44100, then "Save as WAV file...")';
    const expected = `a sample rate of ${MIN_RATE_HZ} to ${MAX_RATE_HZ} Hz`;
    throw fault('E_AUDIO_RATE', file, expected, `${info.sampleRateHz} Hz`, mend);
  }
}

function describeFormat({ formatTag, bitsPerSample }: WavInfo): string {
  if (formatTag === PCM) return `${bitsPerSample}-bit PCM`;
  if (formatTag === FLOAT) return `${bitsPerSample}-bit floating point`;
  return FORMAT_NAMES[formatTag] ?? `samples of format ${formatTag}`;
}

async function readChunks(handle: FileHandle, file: string): Promise<WavInfo> {
  const stat = await handle.stat();
  if (!stat.isFile())
    throw fault('E_PATH_KIND', file, 'a file', 'something else', 'name the sound file itself');
  if (stat.size === 0)
    throw fault('E_AUDIO_EMPTY', file, 'sound', 'an empty file', 'copy or record it again');
  const riffSize = await readRiffSize(handle, stat.size, file);

  let format: Buffer | null = null;
  let offset = HEADER_BYTES;
  for (let count = 0; offset + CHUNK_HEADER_BYTES <= stat.size; count++) {
    if (count === MAX_CHUNKS) {
      throw fault('E_AUDIO_FORMAT', file, `sound within the first ${MAX_CHUNKS} chunks`, 'none', MEND);
    }
    const header = await readAt(handle, offset, CHUNK_HEADER_BYTES);
    const id = header.toString('latin1', 0, 4);
    const size = header.readUInt32LE(4);
    const bodyOffset = offset + CHUNK_HEADER_BYTES;
    if (id === 'fmt ') format = await readAt(handle, bodyOffset, Math.min(size, FORMAT_BYTES));
    if (id === 'data') {
      const isUnknown =
        size === UNKNOWN_SIZE || (size === 0 && (riffSize === 0 || riffSize === UNKNOWN_SIZE));
      const foundBytes = stat.size - bodyOffset;
      return toInfo(format, bodyOffset, isUnknown ? foundBytes : size, foundBytes, file);
    }
    // Chunks begin at even places; the byte that fills up an odd one is not counted in its size.
    offset = bodyOffset + size + (size % 2);
  }
  if (offset > stat.size + 1) {
    throw fault(
      'E_AUDIO_CUT_SHORT',
      file,
      `at least ${offset} bytes before the sound`,
      `${stat.size} bytes in all`,
      'copy it again',
    );
  }
  throw fault('E_AUDIO_EMPTY', file, 'sound', 'a wav file without a data chunk', 'copy or record it again');
}

/** @returns the size that the file gives itself */
async function readRiffSize(handle: FileHandle, fileBytes: number, file: string): Promise<number> {
  const start = await readAt(handle, 0, HEADER_BYTES);
  const isRiff = start.toString('latin1', 0, 4) === 'RIFF';
  if (isRiff && fileBytes < HEADER_BYTES) {
    throw fault(
      'E_AUDIO_CUT_SHORT',
      file,
      `a header of ${HEADER_BYTES} bytes`,
      `${fileBytes} bytes in all`,
      'copy it again',
    );
  }
  if (isRiff && start.toString('latin1', 8, 12) === 'WAVE') return start.readUInt32LE(4);
  throw fault('E_AUDIO_FORMAT', file, 'a wav file', nameOfKind(start), MEND);
}

function nameOfKind(start: Buffer): string {
  const text = start.toString('latin1');
  if (text.startsWith('ID3') || (start[0] === 0xff && ((start[1] ?? 0) & 0xe6) === 0xe2))
    return 'an MP3 file';
  if (text.startsWith('fLaC')) return 'a FLAC file';
  if (text.startsWith('OggS')) return 'an Ogg file';
  if (text.startsWith('FORM')) return 'an AIFF file';
  if (text.startsWith('RF64') || text.startsWith('BW64')) return 'a wav file in its form for more than 4 GB';
  if (text.startsWith('RIFX')) return 'a wav file with its bytes in the reverse order';
  if (text.slice(4, 8) === 'ftyp') return 'an MP4 (m4a) file';
  return 'something else';
}

function toInfo(
  format: Buffer | null,
  dataOffset: number,
  dataBytes: number,
  foundBytes: number,
  file: string,
): WavInfo {
  if (format === null || format.length < 16) {
    throw fault('E_AUDIO_FORMAT', file, 'a wav file that says its format', 'none before the sound', MEND);
  }
  const formatTag = tagOf(format);
  const channelCount = format.readUInt16LE(2);
  const sampleRateHz = format.readUInt32LE(4);
  const bytesPerSec = format.readUInt32LE(8);
  const frameBytes = format.readUInt16LE(12);
  const bitsPerSample = format.readUInt16LE(14);
  const isUniform = formatTag === PCM || formatTag === FLOAT;
  const isSound = channelCount > 0 && sampleRateHz > 0 && bytesPerSec > 0 && frameBytes > 0;
  if (!isSound || (isUniform && frameBytes !== channelCount * Math.ceil(bitsPerSample / 8))) {
    const found = `${channelCount} channels of ${bitsPerSample} bits at ${sampleRateHz} Hz in ${frameBytes} bytes`;
    throw fault('E_AUDIO_FORMAT', file, 'a wav header whose numbers fit together', found, MEND);
  }
  // Compressed samples have no fixed size each: there the bytes per second are all that is known.
  const secOf = (bytes: number): number =>
    isUniform ? Math.floor(bytes / frameBytes) / sampleRateHz : bytes / bytesPerSec;
  if (dataBytes > foundBytes) {
    throw fault(
      'E_AUDIO_CUT_SHORT',
      file,
      `${dataBytes} bytes of sound (${secOf(dataBytes).toFixed(2)} s)`,
      `${foundBytes} bytes (${secOf(foundBytes).toFixed(2)} s)`,
      'the file was cut short: copy it again',
    );
  }
  const durationSec = secOf(dataBytes);
  const frameCount = isUniform ? Math.floor(dataBytes / frameBytes) : Math.round(durationSec * sampleRateHz);
  if (frameCount === 0) {
    throw fault('E_AUDIO_EMPTY', file, 'sound', 'a wav file without samples', 'copy or record it again');
  }
  return {
    formatTag,
    isPcm: formatTag === PCM,
    channelCount,
    sampleRateHz,
    bitsPerSample,
    dataOffset,
    dataBytes,
    frameCount,
    durationSec,
  };
}

function tagOf(format: Buffer): number {
  const tag = format.readUInt16LE(0);
  if (tag !== EXTENSIBLE || format.length < FORMAT_BYTES) return tag;
  return format.toString('hex', 26, 40) === EXTENSIBLE_TAIL ? format.readUInt16LE(24) : tag;
}

/** As many bytes as there are, up to `length`. */
async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function fault(code: ErrorCode, file: string, expected: string, found: string, mend: string): TaskError {
  return new TaskError(code, `${file}: expected ${expected}, found ${found}; ${mend}`, { details: { file } });
}
