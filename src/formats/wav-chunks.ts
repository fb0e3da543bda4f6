import type { FileHandle } from 'node:fs/promises';
import { audioFault, nameOfKind, readAt, readStart } from './audio-file.ts';
import { settleDataBytes } from './wav-data-bytes.ts';

/** Where the parts of a wav file are, in bytes. */
export interface WavChunks {
  /** The file's description of its samples, up to 40 bytes; null: there is none before the audio. */
  readonly format: Buffer | null;
  /** Whether numbers and samples have their highest byte first. */
  readonly isBigEndian: boolean;
  readonly dataOffset: number;
  /** The size in the header, if it can be true; may be more than the file has. */
  readonly dataBytes: number;
  /** From `dataOffset` to the end of the file. */
  readonly foundBytes: number;
}

/** A form of wav files. All consist of chunks, each with a name and a size. */
interface Form {
  readonly isBigEndian: boolean;
  /** How many bytes are before the first chunk. */
  readonly headerBytes: number;
  /** How many bytes the name and the size of a chunk have. */
  readonly chunkHeaderBytes: number;
  /** Chunks begin at multiples of this. The bytes that fill the gap before are in no size. */
  readonly alignment: number;
  /** Reads how many bytes follow the name and the size. */
  readonly readSize: (chunkHeader: Buffer) => number;
}

const RIFF: Form = {
  isBigEndian: false,
  headerBytes: 12,
  chunkHeaderBytes: 8,
  alignment: 2,
  readSize: (header) => header.readUInt32LE(4),
};
const RIFX: Form = { ...RIFF, isBigEndian: true, readSize: (header) => header.readUInt32BE(4) };
/** Sony's form: names have 16 bytes, sizes have 8, and a size includes the name and itself. */
const WAVE64: Form = {
  isBigEndian: false,
  headerBytes: 40,
  chunkHeaderBytes: 24,
  alignment: 8,
  readSize: (header) => Math.max(0, Number(header.readBigUInt64LE(16)) - 24),
};
/** The first four bytes of the forms whose sizes are little-endian numbers of 4 bytes. */
const PLAIN_IDS: ReadonlySet<string> = new Set(['RIFF', 'RF64', 'BW64']);
const WAVE64_START = Buffer.from('726966662e91cf11a5d628db04c10000', 'hex');
/** `RF64` and `BW64`: the size of the audio stands in an extra chunk before it, since it may be more than 4 GB. */
const LONG_SIZES = 'ds64';
const SIZE_IS_ELSEWHERE = 0xffff_ffff;

/** How many chunks may come before the audio. Recorders write only a few; a file with more may be an attack. */
const MAX_CHUNKS = 256;
const FORMAT_BYTES = 40;
const LONG_SIZES_BYTES = 16;
/** The fix in messages about audio that cannot be read. */
export const SAVE_AS_WAV = 'save it as 16-bit PCM wav (in Praat: open it and choose "Save as WAV file...")';

/** Whether these are the first bytes of a wav file, in any of its forms: RIFF, RIFX, RF64, BW64, Wave64. */
export function isWav(start: Buffer): boolean {
  return formOf(start) !== null;
}

/**
 * Finds the chunks of a wav file up to its audio. Reads a few hundred bytes, whatever the length of the file.
 * @throws TaskError E_PATH_KIND, E_AUDIO_EMPTY, E_AUDIO_FORMAT, E_AUDIO_CUT_SHORT
 */
export async function findChunks(handle: FileHandle, file: string): Promise<WavChunks> {
  const { start, fileBytes } = await readStart(handle, file);
  const form = formOf(start);
  if (form === null) {
    const isCutOff = fileBytes < RIFF.headerBytes && PLAIN_IDS.has(start.toString('latin1', 0, 4));
    if (isCutOff) throw cutShort(file, `a header of ${RIFF.headerBytes} bytes`, fileBytes);
    const found = nameOfKind(start) ?? 'something else';
    throw audioFault('E_AUDIO_FORMAT', file, 'a wav file', found, SAVE_AS_WAV);
  }
  let format: Buffer | null = null;
  let longBytes: number | null = null;
  let offset = form.headerBytes;
  for (let count = 0; offset + form.chunkHeaderBytes <= fileBytes; count++) {
    if (count === MAX_CHUNKS) {
      throw audioFault(
        'E_AUDIO_FORMAT',
        file,
        `audio within the first ${MAX_CHUNKS} chunks`,
        'none',
        SAVE_AS_WAV,
      );
    }
    const header = await readAt(handle, offset, form.chunkHeaderBytes);
    const id = header.toString('latin1', 0, 4);
    const size = form.readSize(header);
    const bodyOffset = offset + form.chunkHeaderBytes;
    if (id === 'fmt ') format = await readAt(handle, bodyOffset, Math.min(size, FORMAT_BYTES));
    if (id === LONG_SIZES && size >= LONG_SIZES_BYTES) {
      const sizes = await readAt(handle, bodyOffset, LONG_SIZES_BYTES);
      if (sizes.length === LONG_SIZES_BYTES) longBytes = Number(sizes.readBigUInt64LE(8));
    }
    if (id === 'data') {
      const foundBytes = fileBytes - bodyOffset;
      const next = await readAt(handle, bodyOffset, form.chunkHeaderBytes);
      const dataBytes = settleDataBytes({
        declaredBytes: size === SIZE_IS_ELSEWHERE && longBytes !== null ? longBytes : size,
        foundBytes,
        dataOffset: bodyOffset,
        isChunkNext: isChunk(next, form, foundBytes),
      });
      return { format, isBigEndian: form.isBigEndian, dataOffset: bodyOffset, dataBytes, foundBytes };
    }
    offset = Math.ceil((bodyOffset + size) / form.alignment) * form.alignment;
  }
  if (offset > fileBytes + form.alignment - 1) {
    throw cutShort(file, `at least ${offset} bytes before the audio`, fileBytes);
  }
  throw audioFault(
    'E_AUDIO_EMPTY',
    file,
    'audio',
    'a wav file without a data chunk',
    'copy or record it again',
  );
}

function formOf(start: Buffer): Form | null {
  if (start.subarray(0, WAVE64_START.length).equals(WAVE64_START)) return WAVE64;
  if (start.toString('latin1', 8, 12) !== 'WAVE') return null;
  const id = start.toString('latin1', 0, 4);
  if (PLAIN_IDS.has(id)) return RIFF;
  return id === 'RIFX' ? RIFX : null;
}

/** Whether these bytes begin a chunk that ends within the file: a name of letters and digits, and a size that fits. */
function isChunk(header: Buffer, form: Form, leftBytes: number): boolean {
  if (header.length < form.chunkHeaderBytes) return false;
  if (!/^[A-Za-z][A-Za-z0-9 _]{3}$/.test(header.toString('latin1', 0, 4))) return false;
  return form.chunkHeaderBytes + form.readSize(header) <= leftBytes;
}

function cutShort(file: string, expected: string, fileBytes: number) {
  return audioFault('E_AUDIO_CUT_SHORT', file, expected, `${fileBytes} bytes in all`, 'copy it again');
}
