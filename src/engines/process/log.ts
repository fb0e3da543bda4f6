import { open } from 'node:fs/promises';
import { toTaskError } from '../../base/errors.ts';
import { GROUP_READABLE } from '../../base/file-mode.ts';
import { visibleLine } from '../../base/visible-text.ts';

/** Writes the output of one process to the log file of a task. */
export interface ProcessLog {
  write(chunk: Buffer): void;
  /** Writes a line of our own, which begins with `==`. Lines of the process never begin with `=`. */
  note(text: string): void;
  close(): Promise<void>;
}

const HEAD_BYTES = 1024 * 1024;
const TAIL_BYTES = 1024 * 1024;
/** If the log of a task with many starts is larger, little is kept of each further start. */
const FILE_FULL_BYTES = 32 * 1024 * 1024;
const SMALL_HEAD_BYTES = 4 * 1024;
const SMALL_TAIL_BYTES = 16 * 1024;
const MERGE_BYTES = 4 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const EQUALS = 0x3d;
const BLANK = Buffer.from(' ');

/**
 * Appends the output of a process to a log file. It keeps the first 1 MiB, which is written at once, and the last 1 MiB, which is
 * written at the end, with a line between them that tells how much was left out. If the file is larger than 32 MiB, it keeps
 * 20 KiB.
 * @throws TaskError E_IO, E_DISK_FULL when the file cannot be opened. If a later write fails, only log lines are lost.
 */
export async function openProcessLog(logPath: string): Promise<ProcessLog> {
  const file = await open(logPath, 'a', GROUP_READABLE).catch((error: unknown) => {
    throw toTaskError(error);
  });
  const isFull = (await file.stat()).size > FILE_FULL_BYTES;
  const tail = new Tail(isFull ? SMALL_TAIL_BYTES : TAIL_BYTES);
  let headLeftBytes = isFull ? SMALL_HEAD_BYTES : HEAD_BYTES;
  let written: Promise<unknown> = Promise.resolve();
  // The output is read even if the disk is slow. No more than the head can wait here in memory.
  const append = (data: string | Buffer): void => {
    written = written.then(() => file.appendFile(data)).catch(() => undefined);
  };
  const endHead = (): void => {
    for (const chunk of tail.take()) append(chunk);
  };
  let isAtLineStart = true;
  return {
    write: (said) => {
      const chunk = setApart(said, isAtLineStart);
      isAtLineStart = isLineEnd(said.at(-1)) || (said.length === 0 && isAtLineStart);
      const head = chunk.subarray(0, headLeftBytes);
      headLeftBytes -= head.length;
      if (head.length > 0) append(head);
      if (head.length < chunk.length) tail.push(chunk.subarray(head.length));
    },
    note: (text) => {
      endHead();
      append(`${isAtLineStart ? '' : '\n'}== ${new Date().toISOString()} ${visibleLine(text)}\n`);
      isAtLineStart = true;
    },
    close: async () => {
      endHead();
      await written;
      await file.close();
    },
  };
}

/** Puts a blank before each line of a process that begins with `=`, so that it is not taken for one of our lines. */
function setApart(chunk: Buffer, isAtLineStart: boolean): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = chunk.indexOf(EQUALS); at >= 0; at = chunk.indexOf(EQUALS, at + 1)) {
    if (at === 0 ? !isAtLineStart : !isLineEnd(chunk[at - 1])) continue;
    parts.push(chunk.subarray(from, at), BLANK);
    from = at;
  }
  return parts.length === 0 ? chunk : Buffer.concat([...parts, chunk.subarray(from)]);
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
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
    // Small chunks are joined: an engine that flushes every word would leave a million buffers here.
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
    const gap = this.#droppedBytes > 0 ? [`\n== ${this.#droppedBytes} bytes left out here\n...`] : [];
    const taken = [...gap, ...this.#chunks];
    this.#chunks = [];
    this.#bytes = 0;
    this.#droppedBytes = 0;
    return taken;
  }
}
