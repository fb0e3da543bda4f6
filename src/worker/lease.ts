import { TaskError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Fence } from '../db/attempts.ts';
import type { Heartbeat, RunningAttempt } from '../queue/heartbeat.ts';
import type { ClaimedJob } from '../queue/queue.ts';
import { LookLimiter } from './look-limiter.ts';

/**
 * How long before its lease ends an attempt is given up: its engine must be dead before another instance starts one.
 */
const SAFETY_SHARE = 0.1;
const WATCH_INTERVAL_MS = 500;
/** Pause after a failed heartbeat: when the database is back, leases may end before the next regular heartbeat. */
const RETRY_INTERVAL_MS = 1_000;

export interface LeaseOptions {
  readonly heartbeat: Pick<Heartbeat, 'renew' | 'look'>;
  readonly heartbeatSec: number;
  readonly log: Log;
}

export interface Lease {
  /** Aborts, with E_LEASE_LOST, when the task is no longer ours. */
  readonly signal: AbortSignal;
  readonly job: ClaimedJob;
  /** Aborts, with E_STOPPED, when a stopping instance does not wait any longer, not even for the end to be written. */
  readonly deadline: AbortSignal;
  /** Resolves when the attempt only waits for its row, which another session holds. */
  readonly blocked: Promise<void>;
  noteBlocked(): void;
  abort(reason: TaskError): void;
  release(): void;
}

interface LeasedAttempt extends RunningAttempt {
  readonly job: ClaimedJob;
  readonly controller: AbortController;
  /** Milliseconds of a clock that goes on while the process is frozen or the wall clock is set. */
  renewedAtMs: number;
  /** Whether the last heartbeat met a lock on the job. */
  isBlocked: boolean;
}

/**
 * Keeps the leases of all running tasks of an instance. One statement renews them all. A lease that could not be
 * renewed in time is given up here before the database gives the task to another instance.
 */
export class LeaseKeeper {
  readonly #options: LeaseOptions;
  readonly #leased = new Set<LeasedAttempt>();
  readonly #deadline = new AbortController();
  readonly #limiter = new LookLimiter(() => void this.#look());
  #heartbeat: NodeJS.Timeout | null = null;
  #watch: NodeJS.Timeout | null = null;
  #retry: NodeJS.Timeout | null = null;
  /** When the heartbeat under way was sent, by performance.now(); null: none is. */
  #renewingSinceMs: number | null = null;
  #isLooking = false;
  /** Why all are handed back, also those that come later; null: the instance goes on. */
  #abortReason: TaskError | null = null;
  #leftBehind = 0;
  #hintedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether the last heartbeat failed. */
  #isCutOff = false;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  start(): void {
    this.#heartbeat ??= setInterval(() => void this.#renew(), this.#options.heartbeatSec * 1000);
    this.#watch ??= setInterval(() => this.#giveUpExpired(), WATCH_INTERVAL_MS);
  }

  stop(): void {
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat);
    if (this.#watch !== null) clearInterval(this.#watch);
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#limiter.looking();
    this.#heartbeat = null;
    this.#watch = null;
    this.#retry = null;
  }

  get count(): number {
    return this.#leased.size;
  }

  /**
   * Whether a heartbeat has lasted longer than a lease. Each is ended long before that, so the instance does not work
   * then.
   */
  get isStuck(): boolean {
    if (this.#renewingSinceMs === null) return false;
    const lastedMs = performance.now() - this.#renewingSinceMs;
    return [...this.#leased].some(({ job }) => lastedMs > job.leaseSec * 1000);
  }

  /** How many attempts a stopping instance could neither end nor hand back. */
  get leftBehind(): number {
    return this.#leftBehind;
  }

  /**
   * @param claimedAtMs - performance.now() from before the claim was sent, so that the lease is never assumed longer
   * than it is
   */
  hold(job: ClaimedJob, task: Fence, claimedAtMs: number): Lease {
    const controller = new AbortController();
    const leased: LeasedAttempt = { job, task, controller, renewedAtMs: claimedAtMs, isBlocked: false };
    this.#leased.add(leased);
    // A claim that waited for the database may return after all others have been handed back.
    if (this.#abortReason !== null) controller.abort(this.#abortReason);
    // The notification may be about this attempt, and may have arrived before we knew of it.
    if (this.#hintedAtMs >= claimedAtMs) this.#lookSoon();
    const blocked = Promise.withResolvers<void>();
    return {
      job,
      signal: controller.signal,
      deadline: this.#deadline.signal,
      blocked: blocked.promise,
      noteBlocked: () => blocked.resolve(),
      abort: (reason) => controller.abort(reason),
      release: () => void this.#leased.delete(leased),
    };
  }

  /**
   * A notification says that a running task was cancelled or taken back. It may be false, late, or about an earlier
   * attempt: only the answer of the database ends an attempt.
   */
  hint(): void {
    this.#hintedAtMs = performance.now();
    this.#lookSoon();
  }

  /** Ends all attempts, and those that begin later: the instance is stopping. */
  abortAll(reason: TaskError): void {
    this.#abortReason = reason;
    for (const { controller } of this.#leased) controller.abort(reason);
  }

  /** The ends of attempts that are not written yet are left to their leases. */
  waitNoLonger(): void {
    this.#leftBehind = this.#leased.size;
    this.#deadline.abort(
      new TaskError('E_STOPPED', 'the instance had to stop before its end could be written'),
    );
  }

  /** A hint during a check leads to another check after it. */
  #lookSoon(): void {
    if (this.#leased.size > 0 && !this.#isLooking) this.#limiter.hint();
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    const askedAtMs = performance.now();
    const asked = [...this.#leased];
    try {
      const answers = await this.#options.heartbeat.look(asked);
      const lost = asked.filter((leased, index) => !answers[index] && this.#leased.has(leased));
      if (lost.length > 0) this.#limiter.foundSomething();
      for (const { controller } of lost)
        controller.abort(new TaskError('E_CANCELLED', 'the task was cancelled, deleted or queued again'));
    } catch (error) {
      // Nothing is lost, since heartbeats ask the same question.
      this.#options.log.debug('lease.not_checked', { error });
    } finally {
      this.#isLooking = false;
      if (this.#hintedAtMs > askedAtMs) this.#lookSoon();
    }
  }

  async #renew(): Promise<void> {
    // A statement that hangs must not make others wait behind it; the check of the leases goes on meanwhile.
    if (this.#renewingSinceMs !== null || this.#leased.size === 0) return;
    const asked = [...this.#leased];
    const askedAtMs = performance.now();
    this.#renewingSinceMs = askedAtMs;
    try {
      const states = await this.#options.heartbeat.renew(asked);
      for (const [index, leased] of asked.entries()) {
        const state = states[index];
        leased.isBlocked = state === 'blocked';
        if (state === 'renewed') leased.renewedAtMs = askedAtMs;
        else if (state === 'lost' && this.#leased.has(leased))
          giveUp(leased, 'the task was cancelled, or given to another instance');
      }
      if (this.#isCutOff) this.#options.log.info('lease.heartbeat_again');
      this.#isCutOff = false;
    } catch (error) {
      this.#failed(asked.length, error);
    } finally {
      this.#renewingSinceMs = null;
    }
  }

  /** Logs this once, and tries again soon. */
  #failed(tasks: number, error: unknown): void {
    // It was stopped meanwhile, and its connection was closed.
    if (this.#heartbeat === null) return;
    if (!this.#isCutOff) this.#options.log.warn('lease.heartbeat_failed', { tasks, error });
    this.#isCutOff = true;
    const { heartbeatSec } = this.#options;
    // The regular heartbeat fails, too; without this, each would begin its own series of tries.
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#renew(), Math.min(RETRY_INTERVAL_MS, heartbeatSec * 1000));
  }

  #giveUpExpired(): void {
    const nowMs = performance.now();
    for (const leased of this.#leased) {
      const limitMs = leased.job.leaseSec * 1000 * (1 - SAFETY_SHARE);
      if (nowMs - leased.renewedAtMs > limitMs) {
        const seconds = Math.round((nowMs - leased.renewedAtMs) / 1000);
        giveUp(
          leased,
          leased.isBlocked
            ? `an open transaction of another session has held its job for ${seconds} s`
            : `no heartbeat reached the database for ${seconds} s`,
        );
      }
    }
  }
}

function giveUp({ controller }: LeasedAttempt, why: string): void {
  if (!controller.signal.aborted) controller.abort(new TaskError('E_LEASE_LOST', `lease lost: ${why}`));
}
