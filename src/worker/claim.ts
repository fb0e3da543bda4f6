import { setTimeout as delay } from 'node:timers/promises';
import { type AttemptRow, endAttempt, takeTask } from '../db/attempts.ts';
import { isRowHeld, type Tx } from '../db/connect.ts';
import type { ClaimedJob } from '../queue/queue.ts';
import { attemptLogName } from './attempt-log.ts';
import type { WorkerContext } from './context.ts';
import type { Lease } from './lease.ts';

/** Somebody who changes a task is done in a moment, unless it is a person at psql. */
const SET_ASIDE_SEC = 1;
const HELD_PAUSE_MS = 100;

/** A task that is ours to run, until its lease ends. */
export interface Claim {
  readonly task: AttemptRow;
  readonly lease: Lease;
}

/**
 * Takes the next task in one transaction: pg-boss hands out the job (FOR UPDATE SKIP LOCKED) and the row gets the
 * next fence. Should the process die in between, neither has happened.
 * @returns null when nothing waits
 */
export function claimNext(context: WorkerContext, withoutEngines: readonly string[]): Promise<Claim | null> {
  return claim(context, {
    takeJob: (tx) => context.queue.claim(tx, withoutEngines),
    // Nothing that one task meets may keep the others waiting.
    letGo: (job) => context.queue.setAside(context.db, job, SET_ASIDE_SEC),
  });
}

/**
 * Takes one certain task, by the same rules, and waits for whoever is changing it right now.
 * @returns null when it does not wait for a worker
 */
export function claimTask(context: WorkerContext, jobId: string): Promise<Claim | null> {
  return claim(context, {
    takeJob: (tx) => context.queue.claimById(tx, jobId),
    letGo: () => delay(HELD_PAUSE_MS),
  });
}

interface Way {
  readonly takeJob: (tx: Tx) => Promise<ClaimedJob | null>;
  /** What to do about a job whose task somebody is changing, before the next look. */
  readonly letGo: (job: ClaimedJob) => Promise<void>;
}

async function claim(context: WorkerContext, { takeJob, letGo }: Way): Promise<Claim | null> {
  for (;;) {
    const claimedAtMs = performance.now();
    const taken = await takeOnce(context, takeJob);
    if (taken === null) return null;
    if (taken.task === 'held') {
      await letGo(taken.job);
      continue;
    }
    if (taken.task !== null) {
      const { task, job } = taken;
      reportTakeOver(task, context);
      if (task.crashes < context.crashLimit) return { task, lease: context.leases.hold(job, claimedAtMs) };
    } else {
      context.log.warn('job without a task was ended', {
        jobId: taken.job.id,
        taskRowId: taken.job.taskRowId,
      });
    }
    // The job led to no work: look at the next one.
  }
}

/** @returns `held` for a task that somebody else is changing right now: then nothing was taken */
async function takeOnce(
  context: WorkerContext,
  takeJob: (tx: Tx) => Promise<ClaimedJob | null>,
): Promise<{ task: AttemptRow | 'held' | null; job: ClaimedJob } | null> {
  let job: ClaimedJob | null = null;
  try {
    return await context.db.transaction().execute(async (tx) => {
      job = await takeJob(tx);
      if (job === null) return null;
      const task = await takeTask(tx, job.taskRowId, job.id, context.instanceId);
      if (task === null) await context.queue.settle(tx, job, { fate: 'task gone' });
      else if (task.crashes >= context.crashLimit) await failPoisonous(tx, context, task, job);
      return { task, job };
    });
  } catch (error) {
    if (job === null || !isRowHeld(error)) throw error;
    return { task: 'held', job };
  }
}

function reportTakeOver(task: AttemptRow, { log, crashLimit }: WorkerContext): void {
  const { task_id: taskId, fence, crashes, taken_from: from } = task;
  if (from !== null) log.warn('task taken over: its instance went silent', { taskId, fence, from, crashes });
  if (crashes >= crashLimit)
    log.error('task failed: its worker died too often', { taskId, fence, code: 'E_CRASHED', crashes });
}

/** A task that took its worker down again and again is not given to another one. */
async function failPoisonous(
  tx: Tx,
  context: WorkerContext,
  task: AttemptRow,
  job: ClaimedJob,
): Promise<void> {
  await context.queue.settle(tx, job, { fate: 'failed', code: 'E_CRASHED' });
  await endAttempt(tx, task, {
    task_status: 'failed',
    status_note: null,
    log_path: attemptLogName({ ...task, claim: task.earlier_claim }),
    error_code: 'E_CRASHED',
    error_message:
      `the worker died ${task.crashes} times while it ran this task, so it is not tried again. ` +
      `The inputs are kept. Look at the log of the last attempt; "autophon retry ${task.task_id}" runs it once more.`,
    isAttemptUsed: true,
  });
}
