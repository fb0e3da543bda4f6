import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mountMemory, unmount } from './mounts.ts';
import { Mutex } from './waiting.ts';

/** What replaces UPLOADS: nothing, the empty folder of a disk that is not mounted, or the folder of another site. */
export type Substitute = 'missing' | 'empty' | 'other site' | 'mounted over';

const FOREIGN = 'of another site\n';
const MARKER = '.autophon-site';

/** The folder UPLOADS, which can be replaced, as when a disk is not mounted or the wrong one is. */
export class UploadsFolder {
  readonly #dir: string;
  readonly #mayMount: boolean;
  readonly #turn = new Mutex();

  constructor(dir: string, mayMount: boolean) {
    this.#dir = dir;
    this.#mayMount = mayMount;
  }

  /** Runs a function while the folder is certainly the site's own. */
  whileThere<T>(act: () => Promise<T>): Promise<T> {
    return this.#turn.run(act);
  }

  /**
   * Replaces the folder while a function runs.
   * @param planted - files that the other site has under the same names
   * @returns one sentence for each file of the replacement that was changed, made or removed
   */
  replace(substitute: Substitute, planted: readonly string[], act: () => Promise<void>): Promise<string[]> {
    return this.#turn.run(() =>
      substitute === 'mounted over' && this.#mayMount
        ? this.#mountOver(planted, act)
        : this.#moveAway(substitute, planted, act),
    );
  }

  async #mountOver(planted: readonly string[], act: () => Promise<void>): Promise<string[]> {
    if (!(await mountMemory(this.#dir, '16m'))) return [];
    try {
      const before = await this.#plant(planted);
      await act();
      return await this.#compare(before);
    } finally {
      await unmount(this.#dir);
    }
  }

  async #moveAway(
    substitute: Substitute,
    planted: readonly string[],
    act: () => Promise<void>,
  ): Promise<string[]> {
    const away = `${this.#dir}.away`;
    await rename(this.#dir, away);
    try {
      if (substitute !== 'missing') await mkdir(this.#dir);
      const before = substitute === 'empty' || substitute === 'missing' ? [] : await this.#plant(planted);
      await act();
      return await this.#compare(before);
    } finally {
      await rm(this.#dir, { recursive: true, force: true });
      await rename(away, this.#dir);
    }
  }

  /** @returns the files for which there was enough space */
  async #plant(files: readonly string[]): Promise<string[]> {
    const planted: string[] = [];
    for (const file of [MARKER, ...files]) {
      const target = path.join(this.#dir, file);
      try {
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, file === MARKER ? `${randomUUID()}\n` : FOREIGN);
        planted.push(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        await rm(target, { force: true });
      }
    }
    return planted;
  }

  async #compare(before: readonly string[]): Promise<string[]> {
    const entries = await readdir(this.#dir, { recursive: true, withFileTypes: true }).catch(() => []);
    const after = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(this.#dir, path.join(entry.parentPath, entry.name)));
    const changed: string[] = [];
    for (const file of before) {
      if (!after.includes(file)) changed.push(`${file} was removed from it`);
      else if (file !== MARKER && (await readFile(path.join(this.#dir, file), 'utf8')) !== FOREIGN)
        changed.push(`${file} was changed in it`);
    }
    for (const file of after.filter((one) => !before.includes(one)))
      changed.push(`${file} was written to it`);
    return changed;
  }
}
