import { ask, fileAddress, type Problem, problemOf } from '../api.ts';

/** A file of a draft, with the number of bytes that the server has. */
export interface UploadEntry {
  readonly name: string;
  readonly bytes: number;
  /** Null: given before the page was reloaded. A browser forgets files, so the user has to give it again. */
  file: File | null;
  /** Time of its last change, in ms; null: not known. With another time or size it is another content. */
  readonly modified: number | null;
  received: number;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  /** Why the server refuses it. */
  problem: string | null;
}

const SENT_AT_A_TIME = 3;
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 15_000;
/** Failures in a row before a file counts as refused. */
const MAX_CONFLICTS = 8;

/**
 * Sends files, some at the same time. After a lost connection it waits, asks how much has arrived, and sends the rest.
 */
export class Uploader {
  readonly #taskId: string;
  readonly #entries: ReadonlyMap<string, UploadEntry>;
  readonly #changed: () => void;
  readonly #requests = new Map<UploadEntry, AbortController>();
  #isPaused = false;
  #waitMs = FIRST_WAIT_MS;
  #conflicts = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #refusal: string | null = null;

  constructor(taskId: string, entries: ReadonlyMap<string, UploadEntry>, changed: () => void) {
    this.#taskId = taskId;
    this.#entries = entries;
    this.#changed = changed;
    window.addEventListener('online', this.tryNow);
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** It is tried again soon. */
  get isWaiting(): boolean {
    return this.#timer !== null;
  }

  /** Why the server did not take a file the last time; null: it did not answer, or took it. */
  get refusal(): string | null {
    return this.#refusal;
  }

  pause(): void {
    this.#isPaused = true;
    for (const request of this.#requests.values()) request.abort();
    this.#changed();
  }

  resume(): void {
    this.#isPaused = false;
    this.tryNow();
  }

  stop(): void {
    window.removeEventListener('online', this.tryNow);
    this.#stopWaiting();
    this.#isPaused = true;
    for (const request of this.#requests.values()) request.abort();
  }

  /** Stops sending one file, which the user removed. */
  drop(entry: UploadEntry): void {
    this.#requests.get(entry)?.abort();
  }

  /** Starts everything that can be started; may be called at any time. */
  run(): void {
    if (!this.#isPaused && this.#timer === null) this.#startNext();
    // Also when nothing starts: a wait may have begun.
    this.#changed();
  }

  #startNext(): void {
    for (const entry of this.#entries.values()) {
      if (this.#requests.size >= SENT_AT_A_TIME) return;
      if (entry.state === 'waiting' && entry.file !== null) void this.#send(entry, entry.file);
    }
  }

  async #send(entry: UploadEntry, file: File): Promise<void> {
    const abort = new AbortController();
    this.#requests.set(entry, abort);
    entry.state = 'sending';
    try {
      const offset = entry.received === 0 ? 0 : await this.#askOffset(entry);
      entry.received = offset;
      if (offset < file.size || file.size === 0) await this.#put(entry, file, offset, abort.signal);
      entry.received = file.size;
      entry.state = 'done';
      entry.problem = null;
      this.#waitMs = FIRST_WAIT_MS;
      this.#conflicts = 0;
      this.#refusal = null;
    } catch (error) {
      this.#judge(entry, error as Problem, abort.signal.aborted);
    } finally {
      this.#requests.delete(entry);
      this.run();
    }
  }

  #judge(entry: UploadEntry, problem: Problem, isAborted: boolean): void {
    entry.state = 'waiting';
    if (isAborted) return;
    if (problem.status === 409 || problem.status === 416) this.#conflicts++;
    // The server may not have noticed yet that an earlier request has ended, or may have another number of bytes.
    const isPassing = (problem.status === 409 || problem.status === 416) && this.#conflicts <= MAX_CONFLICTS;
    if (isPassing || problem.status === 0 || problem.status === 429 || problem.status >= 500) {
      entry.received = Math.max(1, entry.received);
      this.#refusal = problem.status === 0 ? null : problem.message;
      this.#wait();
    } else {
      entry.state = 'failed';
      entry.problem = problem.message;
    }
  }

  async #askOffset(entry: UploadEntry): Promise<number> {
    const response = await fetch(fileAddress(this.#taskId, entry.name), { method: 'HEAD' }).catch(() => null);
    if (response === null) throw problemOf(0, '');
    if (response.status === 404) return 0;
    if (!response.ok) throw problemOf(response.status, '');
    const offset = Number(response.headers.get('upload-offset') ?? 0);
    return Number.isFinite(offset) ? Math.min(offset, entry.bytes) : 0;
  }

  /** By XMLHttpRequest, because fetch does not report how much has been sent. */
  #put(entry: UploadEntry, file: File, offset: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('PUT', fileAddress(this.#taskId, entry.name));
      request.setRequestHeader('content-type', 'application/octet-stream');
      if (offset > 0)
        request.setRequestHeader('content-range', `bytes ${offset}-${file.size - 1}/${file.size}`);
      request.upload.onprogress = ({ loaded }) => {
        entry.received = Math.min(file.size, offset + loaded);
        this.#changed();
      };
      request.onload = () => {
        if (request.status < 300) resolve();
        else reject(problemOf(request.status, request.responseText));
      };
      request.onerror = () => reject(problemOf(0, ''));
      request.onabort = () => reject(problemOf(0, ''));
      signal.addEventListener('abort', () => request.abort());
      request.send(offset === 0 ? file : file.slice(offset));
    });
  }

  #wait(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(this.tryNow, this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, MAX_WAIT_MS);
  }

  /** Ends the wait for the connection. */
  readonly tryNow = (): void => {
    this.#stopWaiting();
    this.run();
  };

  #stopWaiting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** Removes a file from a draft. It is not an error if the server does not know the file. */
export async function removeFile(taskId: string, name: string): Promise<void> {
  await ask(fileAddress(taskId, name), { method: 'DELETE' }).catch((problem: Problem) => {
    if (problem.status !== 404) throw problem;
  });
}
