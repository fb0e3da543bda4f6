import type { Stats } from 'node:fs';
import { lstat, opendir, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { Log } from '../base/log.ts';
import { ATTEMPT_LOGS, type OwnerOfLog, ownerOfLog } from '../base/site-layout.ts';
import type { Db } from '../db/connect.ts';
import { findLogOwners, type LogOwner } from '../db/retention.ts';

/** How many logs are looked up in the database at a time. */
const BATCH = 500;
/** The last attempt of a task that was just deleted may not have ended yet. */
const AT_REST_MS = 60_000;

export interface LogRetentionOptions {
  readonly db: Db;
  readonly logsDir: string;
  /** 0: for ever, while the task is kept. */
  readonly keepSec: number;
  readonly log: Log;
}

export interface LogRemoval {
  /** Relative to the folder of logs. */
  readonly file: string;
  readonly bytes: number;
  readonly why: string;
}

/** What `removeOldLogs` would remove now; nothing is changed. */
export function previewOldLogs(options: LogRetentionOptions): Promise<LogRemoval[]> {
  return visitOldLogs(options, async () => true);
}

/**
 * Removes the logs of attempts that are not kept: engines may have written words of the transcript into them, so they
 * go with the files of their task, and else when they are old. Those of open tasks stay.
 *
 * The folder may be this machine's own, so each instance does it for itself; two that share one do not mind.
 */
export async function removeOldLogs(options: LogRetentionOptions): Promise<LogRemoval[]> {
  const removals = await visitOldLogs(options, async (file) => {
    try {
      await unlink(file);
      return true;
    } catch (error) {
      // Another instance that shares the folder was faster.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      options.log.error('attempt_log.not_removed', { file, error });
      return false;
    }
  });
  const bytes = removals.reduce((sum, removal) => sum + removal.bytes, 0);
  if (removals.length > 0) options.log.info('attempt_log.removed', { files: removals.length, bytes });
  return removals;
}

/** @param visit - called with a file that may be removed; returns whether it was */
async function visitOldLogs(
  { db, logsDir, keepSec, log }: LogRetentionOptions,
  visit: (file: string) => Promise<boolean>,
): Promise<LogRemoval[]> {
  const dir = path.join(logsDir, ATTEMPT_LOGS);
  const found = await lstat(dir).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) {
    log.warn('attempt_log.no_folder', { dir });
    return [];
  }
  const removals: LogRemoval[] = [];
  for await (const batch of listBatches(dir)) {
    const findOwner = await findOwners(db, batch);
    for (const { owner, name } of batch) {
      const file = path.join(dir, name);
      const stats = await lstat(file).catch(() => null);
      const why = stats === null ? null : whyRemove(stats, findOwner(owner), keepSec);
      if (stats === null || why === null || !(await visit(file))) continue;
      const removal = { file: path.join(ATTEMPT_LOGS, name), bytes: stats.size, why };
      log.debug('attempt_log.expired', removal);
      removals.push(removal);
    }
  }
  return removals;
}

interface FoundLog {
  readonly owner: OwnerOfLog;
  readonly name: string;
}

async function findOwners(
  db: Db,
  logs: readonly FoundLog[],
): Promise<(owner: OwnerOfLog) => LogOwner | undefined> {
  const rowIds = logs.flatMap(({ owner }) => ('rowId' in owner ? owner.rowId : []));
  const taskIds = logs.flatMap(({ owner }) => ('taskId' in owner ? owner.taskId : []));
  const found = await findLogOwners(db, [...new Set(rowIds)], [...new Set(taskIds)]);
  const byRow = new Map(found.map((owner) => [owner.id, owner]));
  const byName = new Map(found.map((owner) => [owner.task_id, owner]));
  return (owner) => ('rowId' in owner ? byRow.get(owner.rowId) : byName.get(owner.taskId));
}

async function* listBatches(dir: string): AsyncGenerator<FoundLog[]> {
  let batch: FoundLog[] = [];
  for await (const entry of await opendir(dir)) {
    const owner = ownerOfLog(entry.name);
    // Links and files of other programs are not removed.
    if (owner === null || !entry.isFile()) continue;
    batch.push({ owner, name: entry.name });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function whyRemove({ mtimeMs }: Stats, owner: LogOwner | undefined, keepSec: number): string | null {
  const ageMs = Date.now() - mtimeMs;
  if (owner === undefined) return ageMs > AT_REST_MS ? 'its task is deleted' : null;
  if (owner.is_open) return null;
  if (owner.is_emptied) return 'the files of its task are removed';
  return keepSec > 0 && ageMs > keepSec * 1000 ? 'it is older than KEEP_LOGS' : null;
}
