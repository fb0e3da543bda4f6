import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { GROUP_READABLE } from './file-mode.ts';

export interface SharedLogFileOptions {
  readonly dir: string;
  /** Without its extension, which is `log`. */
  readonly name: string;
  /** From this size on the file gets another name, and a new one is begun. */
  readonly maxBytes: number;
  /** How many files there are at most, with the one that is written now. */
  readonly fileCount: number;
  /** How much may wait for a disk that is slow, full or away; further lines are dropped. */
  readonly maxWaitingBytes: number;
  /** A line for lines that were dropped, written when the disk takes lines again. */
  readonly describeDropped: (count: number) => string;
}

const BATCH_BYTES = 256 * 1024;
const RETRY_MS = 1_000;
/** The pause after a rotation that failed, in which the file grows. */
const ROTATE_AGAIN_MS = 60_000;

/**
 * A log file that any number of processes of a machine append to and rotate, without a lock. Each batch of whole lines is
 * one write at the end of the file. Rotation renames the file to a name that no other rotation uses, so that two rotations
 * at the same moment overwrite nothing. Before each batch a process checks that its open file still has the name. If
 * another process renames the file just then, the batch is in the renamed file, where it is not lost.
 */
export class SharedLogFile {
  readonly #options: SharedLogFileOptions;
  readonly #path: string;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #droppedCount = 0;
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #file: FileHandle | null = null;
  #rotateAtMs = 0;
  #isClosing = false;

  constructor(options: SharedLogFileOptions) {
    this.#options = options;
    this.#path = path.join(options.dir, `${options.name}.log`);
  }

  /** Takes a line with its line feed. Never waits, never throws. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > this.#options.maxWaitingBytes) {
      this.#droppedCount += 1;
      return;
    }
    this.#add(bytes);
    this.#start();
  }

  /** Writes what waits, as far as the disk takes it now. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#running;
    await this.#flush().catch(() => undefined);
    await this.#close();
  }

  #add(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
  }

  #start(): void {
    if (this.#running !== null || this.#retry !== null || this.#isClosing) return;
    this.#running = this.#flush()
      .catch(() => {
        if (this.#isClosing) return;
        this.#retry = setTimeout(() => {
          this.#retry = null;
          this.#start();
        }, RETRY_MS);
        this.#retry.unref();
      })
      .finally(() => {
        this.#running = null;
        if (this.#waiting.length > 0) this.#start();
      });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#append(this.#takeBatch());
      if (this.#droppedCount === 0) continue;
      this.#add(Buffer.from(this.#options.describeDropped(this.#droppedCount)));
      this.#droppedCount = 0;
    }
  }

  #takeBatch(): Buffer {
    let count = 0;
    for (let bytes = 0; count < this.#waiting.length && bytes < BATCH_BYTES; count++)
      bytes += this.#waiting[count]?.length ?? 0;
    return Buffer.concat(this.#waiting.splice(0, count));
  }

  async #append(batch: Buffer): Promise<void> {
    let written = 0;
    try {
      const file = await this.#current();
      // The system may take a part, such as when the disk becomes full.
      while (written < batch.length) written += (await file.write(batch, written)).bytesWritten;
    } catch (error) {
      this.#waiting.unshift(batch.subarray(written));
      throw error;
    } finally {
      this.#waitingBytes -= written;
    }
    await this.#rotateIfLarge();
  }

  /** The file that has the name now; another process may have moved the one that is open. */
  async #current(): Promise<FileHandle> {
    const named = await stat(this.#path).catch(() => null);
    if (this.#file !== null) {
      const own = await this.#file.stat();
      if (named !== null && named.ino === own.ino && named.dev === own.dev) return this.#file;
      await this.#close();
    }
    this.#rotateAtMs = 0;
    this.#file = await open(this.#path, 'a', GROUP_READABLE);
    return this.#file;
  }

  async #rotateIfLarge(): Promise<void> {
    const { dir, name, maxBytes } = this.#options;
    if (this.#file === null || performance.now() < this.#rotateAtMs) return;
    try {
      const own = await this.#file.stat();
      if (own.size < maxBytes || (await stat(this.#path)).ino !== own.ino) return;
      const time = new Date().toISOString().replace(/[:.]/g, '');
      await rename(this.#path, path.join(dir, `${name}.${time}-${randomBytes(3).toString('hex')}.log`));
      await this.#close();
      await this.#removeOld();
    } catch {
      // Another process was faster, or the folder cannot be changed: lines go on into the file as it is.
      this.#rotateAtMs = performance.now() + ROTATE_AGAIN_MS;
    }
  }

  async #removeOld(): Promise<void> {
    const { dir, name, fileCount } = this.#options;
    const isMoved = (file: string) =>
      file.startsWith(`${name}.`) && /\.[\d-]+T\d+Z-[0-9a-f]{6}\.log$/.test(file);
    // Their names begin with the time.
    const moved = (await readdir(dir)).filter(isMoved).sort();
    for (const file of moved.slice(0, Math.max(0, moved.length - fileCount + 1)))
      await unlink(path.join(dir, file)).catch(() => undefined);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close().catch(() => undefined);
  }
}
