/** What is known about the size of the audio in a wav file. */
export interface DataSize {
  /** The size in the header. */
  readonly declaredBytes: number;
  /** From the first sample to the end of the file. */
  readonly foundBytes: number;
  /** Offset of the first sample in the file, in bytes. */
  readonly dataOffset: number;
  /** Whether another chunk, such as notes, follows the header, and not audio. */
  readonly isChunkNext: boolean;
}

/**
 * Sizes that programs write when they do not know the size, since they write to a pipe: 0xFFFFFFFF (ffmpeg), 0x7FFFF000 (sox,
 * espeak), 0x7FFFFFFF minus the header, 0x80000000 (arecord), 0xFFFFF000; for the audio or for the whole file.
 */
const LARGEST_SIZES = [0x7fff_f000, 0x8000_0000, 0xffff_f000, 0x1_0000_0000];
/** A size may be smaller than these by the length of a header, and by rounding to whole samples. */
const BELOW_LARGEST_BYTES = 128;
/**
 * By how much a size may be too large since it includes a header: that of the chunk, or of the file, with or without
 * its first 8 bytes.
 */
const HEADER_PARTS_BYTES = [8, 36, 44];

/**
 * How many bytes of audio a wav file should have. The size in its header is not used if it is one of the sizes above, or 0 with
 * audio after it, or if it includes the header or a part of it: then the audio ends with the file.
 * @returns more than `foundBytes` if the file was cut short
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
