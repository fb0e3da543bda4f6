import { noteNotTaken } from '../db/attempts.ts';
import { isDatabaseAway } from '../db/statement-fault.ts';
import type { Pressure } from '../host/pressure.ts';
import { runAttempt } from './attempt.ts';
import { type Claim, claimNext } from './claim.ts';
import type { WorkerContext } from './context.ts';
import type { PollInterval } from './poll-interval.ts';
import { runAlone, type SoloCommand } from './solo-run.ts';
import type { Wake } from './wake.ts';

export interface SlotOptions {
  readonly pollInterval: PollInterval;
  readonly pressure: Pressure;
  readonly soloCommand: SoloCommand;
}

const CLAIM_RETRY_MS = 1_000;
/** How many attempts that only wait for their rows may exist in addition to those in the slots. */
const MAX_BLOCKED = 20;

/** The slots of an instance. Each claims a task, runs it, and searches for the next one at once. */
export class Slots {
  readonly #context: WorkerContext;
  readonly #options: SlotOptions;
  readonly #wake: Wake;
  readonly #handBack = new AbortController();
  readonly #noMoreClaims = new AbortController();
  readonly #abandon = new AbortController();
  /** Attempts that have left their slots. */
  readonly #blocked = new Set<Promise<unknown>>();
  #running: Promise<void>[] = [];
  /** The log level at which the failure of the last claim was reported; null: it did not fail. */
  #claimFault: 'warn' | 'error' | null = null;

  constructor(context: WorkerContext, options: SlotOptions, wake: Wake) {
    this.#context = context;
    this.#options = options;
    this.#wake = wake;
  }

  start(count: number): void {
    this.#running = Array.from({ length: count }, () => this.#run());
  }

  /** Running attempts go on. */
  claimNoMore(): void {
    this.#noMoreClaims.abort();
  }

  /** Tells the processes of solo runs to hand their tasks back; the others have their leases. */
  handBack(): void {
    this.#handBack.abort();
  }

  /** Kills the processes of solo runs that have not ended in time. */
  abandon(): void {
    this.#abandon.abort();
  }

  /** Waits for all attempts. Only after `claimNoMore`. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
    await Promise.all(this.#blocked);
  }

  async #run(): Promise<void> {
    let isWoken = true;
    while (!this.#noMoreClaims.signal.aborted) {
      const claim = await this.#tryClaim(isWoken);
      if (claim === null) {
        // There may be work that the failed claim did not see.
        const pauseMs =
          this.#claimFault === null ? this.#options.pollInterval.currentSec * 1000 : CLAIM_RETRY_MS;
        isWoken = await this.#wake.wait(pauseMs, this.#noMoreClaims.signal);
        continue;
      }
      isWoken = true;
      this.#wake.foundWork();
      await this.#occupy(claim);
    }
  }

  /**
   * Runs an attempt for as long as it needs the slot. An attempt that only waits for its row, which another session has
   * locked, goes on outside the slot. So a session that locks the rows of all running tasks does not stop the other
   * tasks.
   */
  async #occupy(claim: Claim): Promise<void> {
    const attempt = this.#runClaim(claim);
    await Promise.race([attempt, claim.lease.blocked]);
    if (this.#blocked.size >= MAX_BLOCKED) await attempt;
    this.#blocked.add(attempt);
    void attempt.finally(() => this.#blocked.delete(attempt));
  }

  async #runClaim(claim: Claim): Promise<void> {
    const { crashLimit, db, log } = this.#context;
    const fate = await runAttempt(claim, this.#context);
    if (fate !== 'alone') return;
    const { task_id: taskId, fence } = claim.task;
    log.warn('solo.needed', {
      taskId,
      fence,
      crashLimit,
    });
    const fault = await runAlone(taskId, {
      command: this.#options.soloCommand,
      stop: this.#handBack.signal,
      kill: this.#abandon.signal,
      log,
    });
    if (fault === null || this.#handBack.signal.aborted) return;
    const note = `the process that was to run it alone has not taken it: ${fault}; tried again within a minute`;
    await noteNotTaken(db, claim.task, note).catch((error: unknown) =>
      log.warn('solo.note_refused', { taskId, error }),
    );
  }

  /**
   * @param isWoken - false: it searches because time has passed, and mostly finds nothing, which takes no transaction
   */
  async #tryClaim(isWoken: boolean): Promise<Claim | null> {
    const { pollInterval, pressure } = this.#options;
    const { db, instanceId, queue, rotation } = this.#context;
    if ((await pressure.look()) !== null) return null;
    this.#wake.looking();
    const { signal } = this.#noMoreClaims;
    try {
      const missing = rotation.missing();
      const mayFind = isWoken || (await queue.hasNext(db, missing, instanceId));
      const claim = mayFind ? await claimNext(this.#context, missing, signal) : null;
      if (claim === null) pollInterval.foundNothing();
      else pollInterval.foundWork();
      if (this.#claimFault !== null) this.#context.log.info('claims.work_again');
      this.#claimFault = null;
      return claim;
    } catch (error) {
      if (!signal.aborted) this.#claimFailed(error);
      return null;
    }
  }

  /** Logs a failure once, not once a second for as long as it lasts. */
  #claimFailed(error: unknown): void {
    const level = isDatabaseAway(error) ? 'warn' : 'error';
    if (this.#claimFault !== level) this.#context.log[level]('claims.failed', { error });
    this.#claimFault = level;
  }
}
