/** What a header says of the size of the audio, and what the file has. All in bytes. */
export interface DataSize {
  readonly declaredBytes: number;
  /** From the first sample to the end of the file. */
  readonly foundBytes: number;
  /** Where the first sample is. */
  readonly dataOffset: number;
  /** Whether what follows the header is another chunk, such as notes, and no audio. */
  readonly isChunkNext: boolean;
}

/**
 * A program that sends a wav through a pipe cannot go back to fill in the size. It writes the largest number that it
 * dares, for the audio or for the whole file: 0xFFFFFFFF (ffmpeg), 0x7FFFF000 (sox, espeak), 0x7FFFFFFF less the
 * header, 0x80000000 (arecord).
 */
const LARGEST_SIZES = [0x7fff_f000, 0x8000_0000, 0xffff_f000, 0x1_0000_0000];
/** More than the size of a plain header and the rounding to whole samples. */
const BELOW_LARGEST_BYTES = 128;
/** Name and size of the audio's chunk; what a plain header has besides the field of its size; a plain header. */
const HEADER_PARTS_BYTES = [8, 36, 44];

/**
 * How many bytes of audio a wav file has, if its header can be believed. A size that is one of the above, or 0 with
 * audio after it, says nothing: then the audio ends with the file. So does one that counts the header, or a part of it,
 * as audio.
 * @returns more than `foundBytes` when the file was cut short
 */
export function settleDataBytes({ declaredBytes, foundBytes, dataOffset, isChunkNext }: DataSize): number {
  if (declaredBytes === 0) return isChunkNext ? 0 : foundBytes;
  const excessBytes = declaredBytes - foundBytes;
  if (excessBytes <= 0) return declaredBytes;
  const isUnknown =
    declaredBytes > Number.MAX_SAFE_INTEGER ||
    LARGEST_SIZES.some((size) => declaredBytes <= size && declaredBytes >= size - BELOW_LARGEST_BYTES);
  const countsHeader = [...HEADER_PARTS_BYTES, dataOffset - 8, dataOffset].includes(excessBytes);
  return isUnknown || countsHeader ? foundBytes : declaredBytes;
}
