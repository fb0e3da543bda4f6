import { setTimeout as delay } from 'node:timers/promises';
import { plural } from '../base/count-text.ts';
import type { Log } from '../base/log.ts';
import { attemptLogPath } from '../base/site-layout.ts';
import { unlessAborted } from '../base/unless-aborted.ts';
import {
  type AttemptEnd,
  endAttempt,
  hasCompleted,
  holdTask,
  listFiles,
  makeDurable,
} from '../db/attempts.ts';
import { type Db, limitLockWaits } from '../db/connect.ts';
import { isDatabaseAway, isRowHeld } from '../db/statement-fault.ts';
import { nameDownload } from '../pipeline/package/name-download.ts';
import type { Packaged } from '../pipeline/package/package.ts';
import type { Queue } from '../queue/queue.ts';
import type { Claim } from './claim.ts';
import type { Fate } from './outcome.ts';
import { toColumns } from './progress.ts';

export interface SettleContext {
  readonly db: Db;
  readonly queue: Queue;
  readonly log: Log;
}

const RETRY_MIN_MS = 200;
const RETRY_MAX_MS = 5_000;
/**
 * How long a write waits for a row that another session holds. Then the connection is free for others, and the write is
 * tried again.
 */
const FIRST_LOCK_TIMEOUT = '1s';
const LOCK_TIMEOUT = '250ms';

/**
 * Writes the fate of a task: the one terminal write of its attempt. The row, the list of files and the job change
 * in one transaction or not at all, and only while the fence is ours.
 *
 * While the database is away the transaction is tried again, for as long as it takes: the work is done, and running
 * the engine again would cost more. Only an instance that has to stop gives up, shortly after its time.
 * @returns false when the task was lost: nothing was written
 * @throws TaskError E_STOPPED when the instance has to stop: the lease of the task will end it
 */
export async function settle(fate: Fate, claim: Claim, context: SettleContext): Promise<boolean> {
  if (fate.kind === 'lost') return false;
  const { deadline } = claim.lease;
  const startedAtMs = performance.now();
  let delayReason: string | null = null;
  for (let pauseMs = RETRY_MIN_MS; ; pauseMs = Math.min(pauseMs * 2, RETRY_MAX_MS)) {
    try {
      const lateSec = Math.ceil((performance.now() - startedAtMs) / 1000);
      const late = delayReason === null ? null : `written ${lateSec} s late, since ${delayReason}`;
      return await unlessAborted(deadline, writeOrRecognise({ fate, claim, late }, context));
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      const isHeld = isRowHeld(error);
      if (isHeld) claim.lease.noteBlocked();
      delayReason = isHeld ? 'another session held its row' : 'the database was away';
      const event = isHeld ? 'task.end_held' : 'task.end_delayed';
      context.log.warn(event, {
        taskId: claim.task.task_id,
        fence: claim.task.fence,
        fate: fate.kind,
        retryInMs: pauseMs,
        error,
      });
      await delay(pauseMs, undefined, { signal: deadline }).catch(() => undefined);
      deadline.throwIfAborted();
    }
  }
}

type WrittenFate = Exclude<Fate, { kind: 'lost' }>;

interface Writing {
  readonly fate: WrittenFate;
  readonly claim: Claim;
  /** Why it was not written at once; null: it was. */
  readonly late: string | null;
}

/** The answer to an earlier COMMIT may have been lost. Then the row already has the end that this attempt wrote. */
async function writeOrRecognise(writing: Writing, context: SettleContext): Promise<boolean> {
  const { fate, claim } = writing;
  try {
    return await writeOnce(writing, context);
  } catch (error) {
    if (!(error instanceof LostError)) throw error;
    return fate.kind === 'completed' && (await hasCompleted(context.db, claim.task));
  }
}

/** Thrown inside the transaction so that it is rolled back. */
class LostError extends Error {}

function writeOnce({ fate, claim, late }: Writing, context: SettleContext): Promise<boolean> {
  const end = toAttemptEnd(fate, claim);
  const notes = [end.status_note, late].filter((one) => one !== null);
  const status_note = notes.length === 0 ? null : notes.join('; ');
  const { task, lease } = claim;
  const { queue } = context;
  return context.db.transaction().execute(async (tx) => {
    const mayWait = late === null && fate.kind !== 'handed back';
    await limitLockWaits(tx, mayWait ? FIRST_LOCK_TIMEOUT : LOCK_TIMEOUT);
    // Whatever the server's default is, because audio is deleted after this commit.
    if (fate.kind === 'completed') await makeDurable(tx);
    if (!(await holdTask(tx, task))) throw new LostError();
    // Then the job; the row changes last, because the triggers on tasks look at the job's state.
    const isOurs =
      fate.kind === 'retry' || fate.kind === 'handed back'
        ? await queue.putBack(tx, lease.job, fate.delaySec ?? 0)
        : await queue.settle(tx, lease.job, { fate: fate.kind, fence: task.fence });
    if (!isOurs || !(await endAttempt(tx, task, { ...end, status_note }))) throw new LostError();
    if (fate.kind === 'completed') await listFiles(tx, task.id, fate.packaged.files);
    return true;
  });
}

function toAttemptEnd(fate: WrittenFate, claim: Claim): AttemptEnd {
  switch (fate.kind) {
    case 'completed':
      return {
        task_status: 'completed',
        status_note: summarise(fate.packaged),
        download_path: fate.packaged.downloadPath,
        download_name: nameDownload({ taskId: claim.task.task_id, number: claim.task.id }, fate.packaged),
        log_path: attemptLogPath(claim.task),
        error: null,
        warnings: fate.packaged.warnings,
        counts: toColumns(fate.packaged.counts),
        isAttemptUsed: true,
      };
    case 'failed':
      return {
        task_status: 'failed',
        status_note: null,
        log_path: fate.logPath ?? attemptLogPath(claim.task),
        error: fate.error,
        isAttemptUsed: true,
      };
    case 'retry':
      return {
        task_status: 'uploaded',
        status_note: fate.note,
        log_path: attemptLogPath(claim.task),
        error: fate.error,
        isAttemptUsed: true,
      };
    case 'handed back':
      return { task_status: 'uploaded', status_note: fate.note, isAttemptUsed: false };
  }
}

function summarise({ counts, warnings }: Packaged): string {
  const numbers = [
    [counts.fileCount, 'file'],
    [counts.wordCount, 'word'],
    [warnings.length, 'warning'],
  ] as const;
  return numbers.map(([count, what]) => plural(count, what)).join(', ');
}
