/** Bytes that wait while others are written. With more than this, the sender waits, too. */
const MAX_PENDING_BYTES = 1024 * 1024;

/** An open file (`FileHandle`). */
interface WritableFile {
  /** @returns how many bytes were written */
  writev(pieces: readonly Buffer[], position: number): Promise<{ readonly bytesWritten: number }>;
}

/**
 * Writes to a file while more arrives. Bytes that arrive during a write are collected for the next one. So those of a
 * slow sender are written at once, and those of a fast sender in large writes. Needs at most 2 MiB of memory and two
 * pieces.
 */
export class FileWriter {
  readonly #file: WritableFile;
  readonly #assertMayWrite: () => void;
  #position: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  /**
   * @param position - where the first byte belongs
   * @param assertMayWrite - called before each write; throws if nothing may be written any more
   */
  constructor(file: WritableFile, position: number, assertMayWrite: () => void) {
    this.#file = file;
    this.#position = position;
    this.#assertMayWrite = assertMayWrite;
  }

  /**
   * Takes the next bytes, which must not be changed afterwards. Waits while there are too many.
   * @throws what an earlier write threw
   */
  async add(piece: Buffer): Promise<void> {
    this.#throwFailure();
    if (piece.length === 0) return;
    this.#pending.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#writing === null) this.#start();
    if (this.#pendingBytes >= MAX_PENDING_BYTES) await this.#writing;
  }

  /**
   * Waits until all is written. Afterwards no write is under way, also if it throws.
   * @throws what a write threw
   */
  async end(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    this.#throwFailure();
  }

  /** Never rejects: the next call throws the error. */
  #start(): void {
    const pieces = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#writing = this.#write(pieces)
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .then(() => {
        this.#writing = null;
        if (this.#failure === null && this.#pending.length > 0) this.#start();
      });
  }

  async #write(pieces: readonly Buffer[]): Promise<void> {
    let rest = pieces;
    while (rest.length > 0) {
      this.#assertMayWrite();
      const { bytesWritten } = await this.#file.writev(rest, this.#position);
      this.#position += bytesWritten;
      rest = without(rest, bytesWritten);
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** A disk may write less than it was given. */
function without(pieces: readonly Buffer[], bytes: number): readonly Buffer[] {
  let from = bytes;
  let count = 0;
  for (const piece of pieces) {
    if (from < piece.length) break;
    from -= piece.length;
    count++;
  }
  const [first, ...others] = pieces.slice(count);
  return first === undefined ? [] : [first.subarray(from), ...others];
}
