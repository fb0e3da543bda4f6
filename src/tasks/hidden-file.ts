import { randomUUID } from 'node:crypto';
import { link, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { findOwnFolder, makeOwnFolder } from '../base/inside.ts';

/** What is hidden here, and what `putFile` has not finished: no list shows it. */
const HIDDEN = /^\.[0-9a-f-]{36}\.(?:removed|part)$/;

/** A file that is to be removed and can still be restored. */
export interface HiddenFile {
  /** Removes it for good. */
  remove(): Promise<void>;
  /** Gives it its name again, unless another file has the name now. */
  putBack(): Promise<void>;
}

/**
 * Hides a file, so that it can be removed after the commit of the transaction that records the removal. Folders that
 * become empty are removed.
 * @param folder - relative to `root`; each level is a folder of its own
 * @param name - of the file in it, with `/` between folders
 */
export async function hideFile(root: string, folder: string, name: string): Promise<HiddenFile> {
  const parent = path.posix.dirname(`${folder}/${name}`);
  const [top, dir] = await Promise.all([findOwnFolder(root, folder), findOwnFolder(root, parent)]);
  if (top === null || dir === null) throw Object.assign(new Error(`${name} is gone`), { code: 'ENOENT' });
  const last = path.posix.basename(name);
  const hidden = path.join(top, `.${randomUUID()}.removed`);
  await rename(path.join(dir, last), hidden);
  await removeEmpty(dir, top);
  const remove = () => rm(hidden, { force: true });
  return {
    remove,
    putBack: async () => {
      const again = await makeOwnFolder(root, parent);
      await link(hidden, path.join(again, last)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      await remove();
    },
  };
}

/**
 * Removes files that a process that died had hidden or not finished. No other process may change the folder meanwhile.
 * @param folder - as for `hideFile`
 */
export async function removeHidden(root: string, folder: string): Promise<void> {
  const top = await findOwnFolder(root, folder);
  if (top === null) return;
  for (const name of await readdir(top))
    if (HIDDEN.test(name)) await rm(path.join(top, name), { force: true });
}

async function removeEmpty(dir: string, top: string): Promise<void> {
  for (let empty = dir; empty !== top; empty = path.dirname(empty)) {
    try {
      await rmdir(empty);
    } catch {
      return;
    }
  }
}
