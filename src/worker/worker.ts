import { TaskError } from '../base/errors.ts';
import { within } from '../base/within.ts';
import { retryWhileFull } from '../db/full-server.ts';
import {
  type InstanceRow,
  noteInstanceAlive,
  noteInstanceStopped,
  registerInstance,
} from '../db/instances.ts';
import { DELIVERY_CHANNEL, type Listener, WITHDRAWN_CHANNEL } from '../db/listen.ts';
import { PAUSES_CHANNEL } from '../db/pauses.ts';
import type { Deliverer } from '../deliveries/deliverer.ts';
import { removeInstanceDir, removeWorkspaces } from '../host/workspace.ts';
import { Sweeper } from '../upkeep/sweeper.ts';
import type { Upkeep } from '../upkeep/upkeep.ts';
import type { WorkerContext } from './context.ts';
import { PauseWatch } from './pauses.ts';
import { type SlotOptions, Slots } from './slots.ts';
import { StopDeadline } from './stop-deadline.ts';
import { Wake } from './wake.ts';

export interface WorkerOptions extends SlotOptions {
  readonly slotCount: number;
  readonly shutdownGraceSec: number;
  readonly sweepSec: number;
  readonly upkeep: Upkeep;
  /** Null: this instance sends no messages about ended tasks. */
  readonly deliverer: Deliverer | null;
  readonly describe: () => InstanceRow;
}

const ALIVE_INTERVAL_MS = 10_000;
/** For signing off when the time to stop is up. */
const SIGN_OFF_LIMIT_MS = 500;

/**
 * One instance: slots that claim and run tasks, and timers that show other instances that it is alive.
 * `start()` once; `stop()` may be called at any time, twice too.
 */
export class Worker {
  readonly #context: WorkerContext;
  readonly #options: WorkerOptions;
  readonly #listener: Listener;
  readonly #wake: Wake;
  readonly #sweeper: Sweeper;
  readonly #slots: Slots;
  readonly #pauses: PauseWatch;
  readonly #stopped = new AbortController();
  readonly #stopDeadline: StopDeadline;
  readonly #drained = Promise.withResolvers<void>();
  #isDraining = false;
  #aliveTimer: NodeJS.Timeout | null = null;
  #starting: Promise<void> | null = null;
  #stopping: Promise<boolean> | null = null;

  constructor(context: WorkerContext, options: WorkerOptions, makeListener: (worker: Worker) => Listener) {
    this.#context = context;
    this.#options = options;
    this.#wake = new Wake();
    this.#slots = new Slots(context, options, this.#wake);
    this.#pauses = new PauseWatch(context, () => this.#drain());
    this.#stopDeadline = new StopDeadline(() => context.leases.waitNoLonger());
    this.#sweeper = new Sweeper(context, options.sweepSec);
    this.#listener = makeListener(this);
  }

  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const context = this.#context;
    const options = this.#options;
    await context.rotation.start(() => this.#wake.wakeOne());
    const { signal } = this.#stopped;
    await retryWhileFull(() => registerInstance(context.db, options.describe()), context.log, signal);
    await retryWhileFull(() => this.#listener.start(), context.log, signal);
    context.leases.start();
    context.statistics.start();
    this.#sweeper.start();
    this.#options.upkeep.start();
    this.#options.deliverer?.start();
    options.pressure.start(() => {
      void this.#noteAlive();
      this.#wake.wakeOne();
    });
    this.#aliveTimer = setInterval(() => void this.#noteAlive(), ALIVE_INTERVAL_MS);
    this.#slots.start(options.slotCount);
    context.log.info('worker.started', {
      slots: options.slotCount,
      coresPerTask: context.limits.coreCount,
      pid: process.pid,
      instance: context.instanceId,
    });
  }

  /**
   * Called for every notification: work that waits, a running task that was withdrawn, or something to tell of one that has
   * ended. Any login can send them, with any payload: they say when to look, and nothing else.
   */
  notified(channel: string): void {
    if (channel === WITHDRAWN_CHANNEL) this.#context.leases.hint();
    else if (channel === DELIVERY_CHANNEL) this.#options.deliverer?.hint();
    else if (channel === PAUSES_CHANNEL) this.#pauses.hint();
    else this.#wake.hint();
  }

  /**
   * Called when the listener has (re)connected: notifications sent meanwhile are lost, so look for work. The row of this
   * instance may be lost, too, by a failover: without it nobody removes the folder of an instance that is killed.
   */
  listening(): void {
    // While it starts, its row has just been written.
    if (this.#aliveTimer !== null && !this.isStopping) void this.#noteAlive();
    else this.#pauses.hint();
    this.#context.leases.hint();
    this.#options.deliverer?.hint();
    this.#wake.hint();
  }

  /** Resolves when an operator has drained this instance and no task runs any more: then it should be stopped. */
  get drained(): Promise<void> {
    return this.#drained.promise;
  }

  /**
   * Stops claiming, lets running tasks finish for the grace time, then hands them back.
   * @returns whether all of it was done. Else the time was up, a few seconds after the grace time: something waited for a
   *   lock, a dead connection or a disk, and is left to its lease. The process should end then.
   */
  stop(reason = 'the instance is stopping'): Promise<boolean> {
    this.#stopping ??= this.#stop(reason);
    return this.#stopping;
  }

  /** Cuts the grace time short: running tasks are handed back now. */
  stopAtOnce(): void {
    this.#handBackAll('the instance is stopping at once');
  }

  /** Claims no more; running tasks have all the time that they need. There is no way back: the instance ends. */
  #drain(): void {
    if (this.#isDraining || this.#stopped.signal.aborted) return;
    this.#isDraining = true;
    this.#context.log.info('worker.draining', { running: this.#context.leases.count });
    this.#slots.claimNoMore();
    void Promise.resolve(this.#starting)
      .then(() => this.#slots.ended())
      .then(() => this.#drained.resolve());
  }

  async #stop(reason: string): Promise<boolean> {
    const { leases, log, statistics } = this.#context;
    log.info('worker.stopping', { running: leases.count, graceSec: this.#options.shutdownGraceSec });
    this.#stopped.abort();
    this.#slots.claimNoMore();
    const grace = setTimeout(() => this.#handBackAll(reason), this.#options.shutdownGraceSec * 1000);
    const hasEnded = await Promise.race([
      this.#endSlots(grace).then(() => this.#signOff().then(() => true)),
      this.#stopDeadline.passed.then(() => false),
    ]);
    if (!hasEnded) {
      log.error('worker.stop_cut_off', { running: leases.count });
      // With its workspace removed, an attempt that is left to its lease does not count as a crash.
      await within(SIGN_OFF_LIMIT_MS, removeWorkspaces(this.#context.workspacesDir));
      // Statements of the queue that still wait in #signOff() end when the queue stops.
      await within(SIGN_OFF_LIMIT_MS, Promise.all([this.#signOff(), this.#context.queue.stop()]));
      // A task in a process of its own had the same time as this worker, and a little more.
      this.#slots.abandon();
    }
    this.#stopDeadline.cancel();
    statistics.log();
    log.info('worker.stopped');
    return hasEnded && leases.leftBehind === 0;
  }

  /** Waits for all slots. */
  async #endSlots(grace: NodeJS.Timeout): Promise<void> {
    // A timer that starts after the end would run for ever.
    await this.#starting?.catch(() => undefined);
    await this.#slots.ended();
    clearTimeout(grace);
    this.#stopDeadline.begin();
  }

  /** Ends everything but the slots, and signs off. May be called a second time, when the first one hangs. */
  async #signOff(): Promise<void> {
    const { db, instanceId, leases, log, queue, rotation, statistics, workspacesDir } = this.#context;
    this.#wake.stop();
    leases.stop();
    statistics.stop();
    this.#options.pressure.stop();
    if (this.#aliveTimer !== null) clearInterval(this.#aliveTimer);
    // In parallel, so that none of them uses up the time of the others.
    const [isSignedOff] = await Promise.all([
      noteInstanceStopped(db, instanceId).then(
        () => true,
        (error: unknown) => {
          log.warn('worker.not_signed_off', { error });
          return false;
        },
      ),
      rotation.stop(),
      this.#sweeper.stop(),
      this.#options.upkeep.stop(),
      this.#options.deliverer?.stop(),
      this.#listener.stop(),
    ]);
    await queue.stop().catch((error) => log.warn('queue.not_closed', { error }));
    // If the database does not know that this instance stopped, the mark stays: the next worker on this machine reads
    // from it that no attempt was cut off.
    if (isSignedOff) await removeInstanceDir(workspacesDir);
    else await removeWorkspaces(workspacesDir);
  }

  get isListening(): boolean {
    return this.#listener.isConnected;
  }

  get isStopping(): boolean {
    return this.#stopping !== null;
  }

  /** Whether it takes no new tasks, for lack of disk or memory, or since an operator wants it so. */
  get isPaused(): boolean {
    return this.pausedWhy !== null || this.#pauses.isOfAll;
  }

  /** What it lacks to take new tasks; null: nothing. */
  get pausedWhy(): string | null {
    return this.#options.pressure.reason;
  }

  #handBackAll(reason: string): void {
    this.#context.leases.abortAll(new TaskError('E_STOPPED', reason));
    this.#slots.handBack();
    this.#stopDeadline.begin();
  }

  async #noteAlive(): Promise<void> {
    this.#pauses.hint();
    try {
      await noteInstanceAlive(this.#context.db, this.#options.describe(), this.#context.statistics.active);
    } catch (error) {
      this.#context.log.warn('worker.alive_not_written', { error });
    }
  }
}
