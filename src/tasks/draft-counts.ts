import type { Db } from '../db/connect.ts';
import { changeDraft, type FileCounts } from '../db/drafts.ts';
import { listDraftFiles } from './draft-files.ts';

/** The row of a draft. */
interface CountedDraft {
  readonly id: string;
  readonly task_path: string;
}

/**
 * Keeps the counts of files and bytes in the rows of drafts. If the answer to a COMMIT is lost, or a file was moved and the
 * COMMIT failed, they may not fit the folder: then the next change of the draft counts its files again.
 */
export class DraftCounts {
  readonly #db: Db;
  /** `tasks.id` of drafts to count again. */
  readonly #uncertain = new Set<string>();

  constructor(db: Db) {
    this.#db = db;
  }

  /**
   * Changes the folder of a draft and its counts, while its row is held.
   * @param root - of the open uploads folder
   * @param act - renames a file
   * @param undo - is run if the COMMIT has failed or its answer was lost
   * @returns false: the task is no longer a draft, and `act` was not run
   */
  async change(
    { id, task_path }: CountedDraft,
    root: string,
    change: FileCounts,
    act: () => Promise<void>,
    undo?: () => Promise<void>,
  ): Promise<boolean> {
    const countAgain = this.#uncertain.delete(id) ? () => countFiles(root, task_path) : null;
    try {
      return await changeDraft(this.#db, id, change, act, countAgain);
    } catch (error) {
      await undo?.().catch(() => undefined);
      this.#uncertain.add(id);
      throw error;
    }
  }
}

async function countFiles(root: string, taskPath: string): Promise<FileCounts> {
  const files = await listDraftFiles(root, taskPath);
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
