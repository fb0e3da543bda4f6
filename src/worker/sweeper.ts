import {
  failTasksWithoutEngine,
  findUncleaned,
  noteCleanedUp,
  requeueTasksWithoutJob,
} from '../db/attempts.ts';
import { forgetOldInstances } from '../db/instances.ts';
import { takeChore } from '../db/retention.ts';
import { deleteSound } from '../pipeline/cleanup.ts';
import type { WorkerContext } from './context.ts';
import { removeOldLogs } from './log-retention.ts';
import { resultDirs } from './results.ts';
import { removeOutdated } from './retention.ts';
import { removeStaleResults } from './stale-results.ts';
import { removeOrphanedWorkspaces } from './workspace.ts';

/** Things that others left undone are looked for less often than dead holders. */
const TIDY_EVERY_SWEEPS = 6;
/** Each instance looks through its logs, of which there may be many. */
const LOGS_EVERY_TIDIES = 20;
const UNCLEANED_AFTER_SEC = 60;
const UNCLEANED_AT_ONCE = 20;
const INSTANCES_KEPT_DAYS = 7;

/**
 * What an instance does for the others: gives the tasks of silent holders back to the queue, finishes the cleanup
 * of instances that died, and queues tasks whose job was lost. All of it may run in several instances at once.
 */
export class Sweeper {
  readonly #context: WorkerContext;
  readonly #intervalSec: number;
  readonly #tempDir: string;
  #timer: NodeJS.Timeout | null = null;
  #sweeping: Promise<void> | null = null;
  #sweeps = 0;
  #tidies = 0;

  constructor(context: WorkerContext, intervalSec: number, tempDir: string) {
    this.#context = context;
    this.#intervalSec = intervalSec;
    this.#tempDir = tempDir;
  }

  start(): void {
    const sweep = () => {
      this.#sweeping ??= this.#sweep().finally(() => {
        this.#sweeping = null;
      });
    };
    this.#timer ??= setInterval(sweep, this.#intervalSec * 1000);
    sweep();
  }

  /** Waits for a sweep under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    await this.#sweeping;
  }

  async #sweep(): Promise<void> {
    try {
      await this.#context.queue.sweep(this.#context.db);
      if (this.#sweeps++ % TIDY_EVERY_SWEEPS === 0) await this.#tidy();
    } catch (error) {
      this.#context.log.warn('sweep failed', { error });
    }
  }

  async #tidy(): Promise<void> {
    const { db, log, uploadsDir } = this.#context;
    for (const taskId of await failTasksWithoutEngine(db, this.#context.engineWaitSec, [
      ...this.#context.engines.keys(),
    ])) {
      log.warn('task failed: no instance has its engine', { taskId });
    }
    const requeued = await requeueTasksWithoutJob(db);
    if (requeued > 0) log.warn('tasks without a job were queued anew', { tasks: requeued });
    for (const task of await findUncleaned(db, UNCLEANED_AFTER_SEC, UNCLEANED_AT_ONCE)) {
      await resultDirs(uploadsDir, task).removeEarlier();
      await noteCleanedUp(db, task, await deleteSound(uploadsDir, task.task_path, task.paths, log));
      log.info('cleanup finished for an instance that died', { taskId: task.task_id });
    }
    for (const name of await removeOrphanedWorkspaces(this.#tempDir)) {
      log.info('workspace of a dead process removed', { ofInstance: name });
    }
    await removeStaleResults({ db, uploadsDir, log });
    // Any other instance that comes by until then finds it done.
    if (await takeChore(db, 'remove files', (this.#intervalSec * TIDY_EVERY_SWEEPS) / 2)) {
      await removeOutdated({ db, uploadsDir, keep: this.#context.keep, log });
    }
    if (this.#tidies++ % LOGS_EVERY_TIDIES === 0) {
      const { logsDir, keepLogsSec } = this.#context;
      await removeOldLogs({ db, logsDir, keepSec: keepLogsSec, log });
    }
    await forgetOldInstances(db, INSTANCES_KEPT_DAYS);
  }
}
