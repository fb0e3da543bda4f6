export const UPLOAD_BYTES = 1_000_000_000;
/** As large as the pieces that a socket delivers. */
const PIECE = Buffer.alloc(64_000, 'sound');

/** The bytes of a file, without keeping them in memory. */
export function* pieces(): Generator<Buffer> {
  for (let done = 0; done < UPLOAD_BYTES; done += PIECE.length) yield PIECE.subarray(0, UPLOAD_BYTES - done);
}
