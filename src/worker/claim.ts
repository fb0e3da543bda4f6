import { setTimeout as delay } from 'node:timers/promises';
import { type AttemptRow, takeTask } from '../db/attempts.ts';
import type { Db, Tx } from '../db/connect.ts';
import { isRowHeld } from '../db/statement-fault.ts';
import type { ClaimedJob, Queue } from '../queue/queue.ts';
import { type DeathContext, lookForDeath } from './crashes.ts';
import type { Lease, LeaseKeeper } from './lease.ts';

export interface ClaimContext extends DeathContext {
  readonly db: Db;
  readonly queue: Queue;
  readonly leases: LeaseKeeper;
  readonly instanceId: string;
}

/** A task that this instance may run until its lease ends. */
export interface Claim {
  readonly task: AttemptRow;
  readonly lease: Lease;
}

/** Pause between two tries to claim a given task whose row another session has locked. */
const HELD_PAUSE_MS = 100;
/** A program holds a row for milliseconds. */
const TELL_AFTER_MS = 1_000;

/**
 * Takes the next task in one transaction: the job becomes active and the row gets the next fence. If the process dies
 * in between, neither has happened. Rows that another session holds are skipped, and cost the other tasks nothing.
 * @returns null when nothing waits
 * @throws the reason of the signal, between two transactions
 */
export async function claimNext(
  context: ClaimContext,
  withoutEngines: readonly string[],
  signal?: AbortSignal,
): Promise<Claim | null> {
  for (;;) {
    signal?.throwIfAborted();
    const taken = await takeOnce(context, (tx) =>
      context.queue.claim(tx, withoutEngines, context.instanceId),
    );
    // The job of a missing task was ended; take the next one.
    if (taken !== 'no task') return taken;
  }
}

export interface Waiting {
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
  /** Called once, when the row or the job of the task has been locked for longer than a program locks it. */
  readonly onHeld?: () => void;
}

/**
 * Takes one given task, by the same rules, and waits while another session is changing it.
 * @returns null when it does not wait for a worker
 * @throws the reason of the signal
 */
export async function claimTask(
  context: ClaimContext,
  jobId: string,
  { signal, onHeld }: Waiting = {},
): Promise<Claim | null> {
  const startedAtMs = performance.now();
  let isTold = false;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const taken = await takeOnce(context, (tx) => context.queue.claimById(tx, jobId));
      return taken === 'no task' ? null : taken;
    } catch (error) {
      if (!isRowHeld(error)) throw error;
    }
    if (!isTold && performance.now() - startedAtMs > TELL_AFTER_MS) {
      context.log.warn('task.row_held', { jobId });
      onHeld?.();
      isTold = true;
    }
    await delay(HELD_PAUSE_MS, undefined, signal === undefined ? {} : { signal });
  }
}

async function takeOnce(
  context: ClaimContext,
  takeJob: (tx: Tx) => Promise<ClaimedJob | null>,
): Promise<Claim | 'no task' | null> {
  const { db, queue, leases, log, instanceId } = context;
  const claimedAtMs = performance.now();
  const taken = await db.transaction().execute(async (tx) => {
    const job = await takeJob(tx);
    if (job === null) return null;
    await lookForDeath(tx, job, context);
    const task = await takeTask(tx, job.taskRowId, job.id, instanceId);
    if (task === null) await queue.settle(tx, job, { fate: 'task gone' });
    return { task, job };
  });
  if (taken === null) return null;
  const { task, job } = taken;
  if (task === null) {
    log.warn('job.without_task', { jobId: job.id, taskRowId: job.taskRowId });
    return 'no task';
  }
  const { task_id: taskId, fence, taken_from: from, crashes } = task;
  if (from !== null) log.warn('task.taken_over', { taskId, fence, from, crashes });
  return { task, lease: leases.hold(job, task, claimedAtMs) };
}
