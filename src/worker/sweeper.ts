import { failTasksWithoutEngine, requeueTasksWithoutJob } from '../db/attempts.ts';
import { isDatabaseAway } from '../db/connect.ts';
import { forgetOldInstances, noteInstancesDied } from '../db/instances.ts';
import { takeChore } from '../db/retention.ts';
import { findUncleaned } from '../db/sound.ts';
import type { WorkerContext } from './context.ts';
import { removeOldLogs } from './log-retention.ts';
import { removeSound } from './remove-sound.ts';
import { removeOutdated } from './retention.ts';
import { removeStaleResults } from './stale-results.ts';
import { removeOrphanedWorkspaces } from './workspace.ts';

/** Things that others left undone are looked for less often than dead holders. */
const TIDY_EVERY_SWEEPS = 12;
/** Each instance looks through its logs, of which there may be many. */
const LOGS_EVERY_TIDIES = 10;
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

  /** One that fails does not keep the others from being done, now and every time. */
  async #tidy(): Promise<void> {
    const chores = {
      'fail tasks without engine': () => this.#failTasksWithoutEngine(),
      'queue tasks without job': () => this.#queueTasksWithoutJob(),
      'finish cleanups': () => this.#finishCleanups(),
      'remove workspaces': () => this.#removeWorkspaces(),
      'remove stale results': () => removeStaleResults(this.#context),
      'remove files': () => this.#removeFiles(),
      'remove logs': () => this.#removeLogs(),
      'forget instances': () => forgetOldInstances(this.#context.db, INSTANCES_KEPT_DAYS),
    };
    for (const [chore, act] of Object.entries(chores)) {
      try {
        await act();
      } catch (error) {
        if (isDatabaseAway(error)) throw error;
        this.#context.log.error('chore failed', { chore, error });
      }
    }
  }

  async #failTasksWithoutEngine(): Promise<void> {
    const { db, engines, engineWaitSec, log } = this.#context;
    for (const taskId of await failTasksWithoutEngine(db, engineWaitSec, [...engines.keys()])) {
      log.warn('task failed: no instance has its engine', { taskId });
    }
  }

  async #queueTasksWithoutJob(): Promise<void> {
    const requeued = await requeueTasksWithoutJob(this.#context.db);
    if (requeued > 0) this.#context.log.warn('tasks without a job were queued anew', { tasks: requeued });
  }

  async #finishCleanups(): Promise<void> {
    const { db, log, removalDelaySec } = this.#context;
    const tasks = await findUncleaned(db, removalDelaySec, UNCLEANED_AT_ONCE);
    if (tasks.length === 0) return;
    await using uploads = await this.#context.uploads.open();
    for (const task of tasks) {
      if (await removeSound(task, { db, uploads, log }))
        log.info('cleanup finished for an instance that died', { taskId: task.task_id });
    }
  }

  async #removeWorkspaces(): Promise<void> {
    const { db } = this.#context;
    for (const name of await removeOrphanedWorkspaces(this.#tempDir, (ids) => noteInstancesDied(db, ids))) {
      this.#context.log.info('workspace of a dead process removed', { ofInstance: name });
    }
  }

  async #removeFiles(): Promise<void> {
    // Any other instance that comes by until then finds it done.
    if (await takeChore(this.#context.db, 'remove files', (this.#intervalSec * TIDY_EVERY_SWEEPS) / 2)) {
      await removeOutdated(this.#context);
    }
  }

  /** Each instance looks through its logs, of which there may be many: not every time. */
  async #removeLogs(): Promise<void> {
    const { db, log, logsDir, keepLogsSec } = this.#context;
    if (this.#tidies++ % LOGS_EVERY_TIDIES === 0)
      await removeOldLogs({ db, logsDir, keepSec: keepLogsSec, log });
  }
}
