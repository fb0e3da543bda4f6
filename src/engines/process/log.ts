import { open } from 'node:fs/promises';
import { toTaskError } from '../../base/errors.ts';
import { GROUP_READABLE } from '../../base/file-mode.ts';
import { visibleLine } from '../../base/visible-text.ts';

/** One process' share of a task's log file. */
export interface ProcessLog {
  write(chunk: Buffer): void;
  /** A line of our own: those of the process never begin with `=`. */
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
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const EQUALS = 0x3d;
const BLANK = Buffer.from(' ');

/**
 * Appends a process' output to a log file, bounded: of one process the first 1 MiB, written as it comes, and the
 * last 1 MiB, written at the end, with a line between that says how much was left out; 20 KiB in all once the
 * file has passed 32 MiB.
 * @throws TaskError E_IO, E_DISK_FULL when the file cannot be opened. A later failure to write loses log lines only.
 */
export async function openProcessLog(logPath: string): Promise<ProcessLog> {
  const file = await open(logPath, 'a', GROUP_READABLE).catch((error: unknown) => {
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

/** What a process wrote, a blank before each line that could be taken for one of ours. */
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
    const gap = this.#droppedBytes > 0 ? [`\n== ${this.#droppedBytes} bytes left out here\n...`] : [];
    const taken = [...gap, ...this.#chunks];
    this.#chunks = [];
    this.#bytes = 0;
    this.#droppedBytes = 0;
    return taken;
  }
}
