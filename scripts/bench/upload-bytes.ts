export const UPLOAD_BYTES = 1_000_000_000;
/** As large as what a socket hands over at once. */
const PIECE = Buffer.alloc(64_000, 'sound');

/** The bytes of a file, not kept in memory. */
export function* pieces(): Generator<Buffer> {
  for (let done = 0; done < UPLOAD_BYTES; done += PIECE.length) yield PIECE.subarray(0, UPLOAD_BYTES - done);
}
