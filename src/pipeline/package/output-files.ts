import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TaskError } from '../../base/errors.ts';
import { hashFile } from '../../base/file-hash.ts';
import type { InPieces } from '../../base/pieces.ts';
import type { ResultFormatName } from '../../base/result-kinds.ts';
import type { FileSink } from '../../formats/result.ts';

/** A file of the result, written into the workspace. */
export interface OutputFile {
  /** In the zip. */
  readonly name: string;
  readonly format: ResultFormatName;
  /** `Recording.id`; null: the file is about the whole task. */
  readonly recordingId: string | null;
  readonly path: string;
}

/** The files that the formats of a task write. After each piece of work its text goes to the disk: memory does not grow. */
export class OutputFiles {
  readonly #dir: string;
  readonly #files = new Map<string, OutputFile>();
  /** Text that is not on the disk yet, by path. */
  #texts = new Map<string, string>();

  /** @param dir - is made; for these files alone */
  constructor(dir: string) {
    this.#dir = dir;
  }

  /**
   * Lets a format write what it has for a recording, or for the end of the task.
   * @param recordingId - of the recording; null: the end of the task
   * @throws TaskError E_INTERNAL when two recordings or formats write the same file; what the writer throws; system
   *   errors; the reason of the signal
   */
  async take(
    format: ResultFormatName,
    recordingId: string | null,
    write: (files: FileSink) => InPieces<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const keep = (name: string, id: string | null, text: string) => {
      const { path: filePath } = this.#find(name, format, id);
      this.#texts.set(filePath, `${this.#texts.get(filePath) ?? ''}${text}`);
    };
    const work = write({
      toRecording: (name, text) => keep(name, recordingId, text),
      toTask: (name, text) => keep(name, null, text),
    });
    await mkdir(this.#dir, { recursive: true });
    for (let isDone = false; !isDone; ) {
      isDone = work.next().done === true;
      await this.#store();
      await nextTurn();
      signal.throwIfAborted();
    }
  }

  /**
   * All files, each with its SHA-256: those of the whole task first, then by recording.
   * @throws the reason of `signal`
   */
  async list(signal: AbortSignal): Promise<(OutputFile & { readonly sha256: string })[]> {
    const files = [...this.#files.values()];
    const inOrder = [
      ...files.filter(({ recordingId }) => recordingId === null),
      ...files.filter(({ recordingId }) => recordingId !== null),
    ];
    const listed = [];
    for (const file of inOrder) listed.push({ ...file, sha256: (await hashFile(file.path, signal)).sha256 });
    return listed;
  }

  #find(name: string, format: ResultFormatName, recordingId: string | null): OutputFile {
    const known = this.#files.get(name);
    if (known !== undefined) {
      if (known.format === format && known.recordingId === recordingId) return known;
      throw new TaskError('E_INTERNAL', `${name} is written twice, by ${known.format} and ${format}`);
    }
    const filePath = path.join(this.#dir, String(this.#files.size));
    const file = { name, format, recordingId, path: filePath };
    this.#files.set(name, file);
    return file;
  }

  async #store(): Promise<void> {
    const texts = this.#texts;
    this.#texts = new Map();
    for (const [filePath, text] of texts) await appendFile(filePath, text);
  }
}
