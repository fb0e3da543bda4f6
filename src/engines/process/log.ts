import { open } from 'node:fs/promises';
import { toTaskError } from '../../base/errors.ts';

/** One process' share of a task's log file. */
export interface ProcessLog {
  write(chunk: Buffer): void;
  /** A line of our own. */
  note(text: string): void;
  close(): Promise<void>;
}

const HEAD_BYTES = 1024 * 1024;
const TAIL_BYTES = 1024 * 1024;
/** A task of many starts: past this size of the file each further start keeps little. */
const FILE_FULL_BYTES = 32 * 1024 * 1024;
const SMALL_HEAD_BYTES = 4 * 1024;
const SMALL_TAIL_BYTES = 16 * 1024;
const MERGE_BYTES = 4 * 1024;

/**
 * Appends a process' output to a log file, bounded: of one process the first 1 MiB, written as it comes, and the
 * last 1 MiB, written at the end, with a line between that says how much was left out; 20 KiB in all once the
 * file has passed 32 MiB.
 * @throws TaskError E_IO, E_DISK_FULL when the file cannot be opened. A later failure to write loses log lines only.
 */
export async function openProcessLog(logPath: string): Promise<ProcessLog> {
  const file = await open(logPath, 'a').catch((error: unknown) => {
    throw toTaskError(error);
  });
  const isFull = (await file.stat()).size > FILE_FULL_BYTES;
  const tail = new Tail(isFull ? SMALL_TAIL_BYTES : TAIL_BYTES);
  let headLeftBytes = isFull ? SMALL_HEAD_BYTES : HEAD_BYTES;
  let written: Promise<unknown> = Promise.resolve();
  // What waits here is bounded by the head, so that a slow disk never stops the reading of the pipes.
  const append = (data: string | Buffer): void => {
    written = written.then(() => file.appendFile(data)).catch(() => undefined);
  };
  const endHead = (): void => {
    for (const chunk of tail.take()) append(chunk);
  };
  return {
    write: (chunk) => {
      const head = chunk.subarray(0, headLeftBytes);
      headLeftBytes -= head.length;
      if (head.length > 0) append(head);
      if (head.length < chunk.length) tail.push(chunk.subarray(head.length));
    },
    note: (text) => {
      endHead();
      append(`== ${new Date().toISOString()} ${text}\n`);
    },
    close: async () => {
      endHead();
      await written;
      await file.close();
    },
  };
}

/** The last bytes of a stream. */
class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #droppedBytes = 0;
  readonly #limitBytes: number;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  push(chunk: Buffer): void {
    const last = this.#chunks.at(-1);
    // An engine that flushes every word would otherwise leave a million buffers here.
    if (last !== undefined && last.length < MERGE_BYTES)
      this.#chunks.splice(-1, 1, Buffer.concat([last, chunk]));
    else this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (;;) {
      const first = this.#chunks[0];
      if (first === undefined || this.#bytes - first.length < this.#limitBytes) return;
      this.#chunks.shift();
      this.#bytes -= first.length;
      this.#droppedBytes += first.length;
    }
  }

  take(): (string | Buffer)[] {
    const gap = this.#droppedBytes > 0 ? [`\n== ${this.#droppedBytes} bytes left out here\n`] : [];
    const taken = [...gap, ...this.#chunks];
    this.#chunks = [];
    this.#bytes = 0;
    this.#droppedBytes = 0;
    return taken;
  }
}
