import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../base/log.ts';
import { PLAIN_NAME } from '../base/plain-name.ts';
import { resultsOfUser } from '../base/site-layout.ts';
import type { Db } from '../db/connect.ts';
import { findNameHolders, type NameHolder } from '../db/retention.ts';
import { Uploads } from '../host/uploads.ts';
import { ownFolder } from './remove-file.ts';
import { isReachable, listResultFolders } from './results.ts';
import { removeUnnamedCorrections } from './unnamed-corrections.ts';

export interface ScanOptions {
  readonly db: Db;
  readonly uploadsDir: string;
  readonly log: Log;
}

const BATCH = 200;
const DAY_MS = 86_400_000;
/**
 * Results of a name that no row has may be those of a row that a failover has lost, or the restore of an old backup: they
 * stay for this long from the first scan that finds them so.
 */
const ORPHAN_LIMIT_MS = 7 * DAY_MS;
/** Its time is that of the first scan. */
const ORPHAN_MARK = '.autophon-no-row';

/**
 * Looks through all results, once a day, for those that no row leads to: of an attempt that was frozen while it packed and
 * went on after its task had ended and been cleaned up, or of a claim that a failover has lost. Beside the others, files of
 * corrections that no row names are removed.
 */
export async function scanResults({ db, uploadsDir, log }: ScanOptions, signal: AbortSignal): Promise<void> {
  await using uploads = await new Uploads(db, uploadsDir).open();
  const { root } = uploads;
  for (const user of await readdir(root, { withFileTypes: true })) {
    // Folders such as `lost+found` are skipped; they may not even be readable.
    if (!user.isDirectory() || !PLAIN_NAME.test(user.name)) continue;
    const dir = await ownFolder(root, resultsOfUser(user.name));
    const taskIds = dir === null ? [] : await readdir(dir);
    for (let from = 0; from < taskIds.length; from += BATCH) {
      signal.throwIfAborted();
      const batch = taskIds.slice(from, from + BATCH);
      // Listed before the database is asked: a folder that is made later is not touched, and names of attempts are
      // never used again.
      const folders = await Promise.all(
        batch.map((task_id) => listResultFolders(root, { user_uuid: user.name, task_id })),
      );
      const holders = await findNameHolders(db, user.name, batch);
      for (const [index, taskId] of batch.entries()) {
        const holder = holders.get(taskId) ?? null;
        await tidyCorrections({ db, root, log }, taskId, holder);
        for (const folder of folders[index] ?? []) {
          try {
            if (await removeIfOld(root, folder, holder))
              log.info('result.unowned_removed', { taskId, folder });
          } catch (error) {
            // A folder that cannot be removed must not stop the removal of the others.
            log.error('result.unowned_not_removed', { taskId, folder, error });
          }
        }
      }
    }
  }
}

async function tidyCorrections(
  { db, root, log }: Pick<ScanOptions, 'db' | 'log'> & { readonly root: string },
  taskId: string,
  holder: NameHolder | null,
): Promise<void> {
  if (holder === null) return;
  try {
    const files = await removeUnnamedCorrections(db, root, holder);
    if (files > 0) log.info('correction.unnamed_removed', { taskId, files });
  } catch (error) {
    log.error('correction.unnamed_not_removed', { taskId, error });
  }
}

/** @returns whether no row has led to the result for a long time: then it is removed */
async function removeIfOld(root: string, folder: string, holder: NameHolder | null): Promise<boolean> {
  const dir = path.join(root, folder);
  // Its row is back.
  if (holder !== null) await rm(path.join(dir, ORPHAN_MARK), { force: true });
  if (isReachable(folder, holder)) return false;
  const isOld = holder === null ? await isLongOrphaned(dir) : await isOlder(dir, DAY_MS);
  if (isOld) await rm(dir, { recursive: true, force: true });
  return isOld;
}

async function isLongOrphaned(dir: string): Promise<boolean> {
  const mark = path.join(dir, ORPHAN_MARK);
  await writeFile(mark, '', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return isOlder(mark, ORPHAN_LIMIT_MS);
}

async function isOlder(file: string, limitMs: number): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > limitMs;
}
