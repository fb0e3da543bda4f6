import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Warning } from '../../base/errors.ts';
import { GROUP_READABLE } from '../../base/file-mode.ts';
import { makeOwnFolder } from '../../base/inside.ts';
import type { ResultDocument } from '../../formats/result.ts';
import { drawPictures } from '../../pictures/draw.ts';
import { type ViewedRecording, viewFilesIn } from '../../pictures/view-folder.ts';
import { writeViewTiers } from '../../pictures/view-tiers.ts';
import type { Recording } from '../prepared.ts';
import type { StageContext } from '../stage.ts';

/** Audio with all speakers: pictures show the whole recording. */
function pathOfAll({ audios, plainPath }: Recording): string {
  return audios.find(({ channel }) => channel === null)?.monoPath ?? plainPath;
}

/**
 * Writes what the viewer shows of a task's recordings: tiers and pictures, beside the result in the folder of the attempt. An
 * error goes to the log only: the task still has its result. Without a result, nothing stays.
 */
export class ViewFiles implements AsyncDisposable {
  readonly #ctx: StageContext;
  readonly #recordings: ViewedRecording[] = [];
  #isKept = false;

  constructor(ctx: StageContext) {
    this.#ctx = ctx;
  }

  /**
   * @param warnings - about this recording
   * @throws the reason of the signal when aborted
   */
  async add(recording: Recording, document: ResultDocument, warnings: readonly Warning[]): Promise<void> {
    await this.#try(recording.name, async () => {
      const dir = await this.#makeFolder();
      const files = viewFilesIn(dir, this.#recordings.length);
      await this.#writeTiers(document, warnings, files.tiersPath);
      this.#recordings.push({
        name: recording.name,
        seconds: document.durationSec,
        audio: recording.audio.originalName,
      });
      if (this.#ctx.pictures === 'never') return;
      await drawPictures(pathOfAll(recording), files.picturesPath, this.#ctx.signal);
    });
  }

  /** To be called when there is a result. */
  keep(): void {
    this.#isKept = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isKept) return;
    // What made the result fail may make this fail, too; the folder is then removed with other results that no row has.
    await rm(viewFilesIn(this.#ctx.outputDir, 0).dir, { recursive: true, force: true }).catch(
      () => undefined,
    );
  }

  /** Writes the list of recordings. */
  async end(): Promise<void> {
    await this.#try(null, async () => {
      const { listPath } = viewFilesIn(await this.#makeFolder(), 0);
      await writeFile(listPath, `${JSON.stringify(this.#recordings)}\n`, { mode: GROUP_READABLE });
    });
  }

  async #makeFolder(): Promise<string> {
    const { uploadsDir, outputDir } = this.#ctx;
    await makeOwnFolder(uploadsDir, path.relative(uploadsDir, outputDir));
    const { dir } = viewFilesIn(outputDir, 0);
    await mkdir(dir, { recursive: true });
    return outputDir;
  }

  async #writeTiers(
    document: ResultDocument,
    warnings: readonly Warning[],
    tiersPath: string,
  ): Promise<void> {
    const partPath = `${tiersPath}.part`;
    try {
      await writeFile(partPath, '', { mode: GROUP_READABLE });
      let text = '';
      const work = writeViewTiers(document, warnings, (more) => {
        text += more;
      });
      for (let isDone = false; !isDone; ) {
        isDone = work.next().done === true;
        await appendFile(partPath, text);
        text = '';
        await nextTurn();
        this.#ctx.signal.throwIfAborted();
      }
      await rename(partPath, tiersPath);
    } catch (error) {
      await rm(partPath, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async #try(recording: string | null, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#ctx.signal.throwIfAborted();
      this.#ctx.log.warn('view.not_written', { taskId: this.#ctx.task.taskId, recording, error });
    }
  }
}
