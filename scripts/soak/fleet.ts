import path from 'node:path';
import type { TcpProxy } from '../../testing/tcp-proxy.ts';
import { type EndKind, findReason, type Instance, type InstanceEvent, startInstance } from './instance.ts';
import { InstanceLogs } from './instance-logs.ts';
import { stopLimitMs } from './stop-limit.ts';

export interface FleetOptions {
  /** Program of an instance. */
  readonly main: string;
  readonly proxies: readonly TcpProxy[];
  /** Environment of the instance in a slot of the fleet. */
  readonly envOf: (slot: number) => Readonly<Record<string, string>>;
  /** Working directory of the instances. */
  readonly dir: string;
  readonly logsDir: string;
  /** SHUTDOWN_GRACE of the instances. */
  readonly graceSec: number;
  readonly say: (line: string) => void;
}

export interface Ended {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly slot: number;
  readonly instanceId: string | null;
  readonly kind: EndKind;
}

export interface RunningEngine {
  readonly pid: number;
  readonly slot: number;
}

interface Slot {
  readonly index: number;
  instance: Instance | null;
  /** What the soak did to the running instance, if it was meant to end it. */
  expectedEnd: EndKind | null;
  isFrozen: boolean;
  /** Starts in a row that failed, as while the database is away. */
  failedStarts: number;
}

const RESTART_PAUSE_MS = 300;
const RESTART_PAUSE_MAX_MS = 5_000;
const START_LIMIT_MS = 120_000;
/** After this time it is killed, so that the soak goes on. */
const STOP_LIMIT_MS = 90_000;

/**
 * The worker processes. A process that ends is started again, as by systemd. A process that ends without a reason of
 * the soak is a finding.
 */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #slots: readonly Slot[];
  readonly #engines = new Map<string, RunningEngine>();
  readonly #extras = new Set<Instance>();
  #isClosing = false;
  readonly ends: Ended[] = [];
  /** Only of processes that have not ended: the number of an ended one may belong to another program by now. */
  readonly pids = new Set<number>();
  /** Things that no instance should ever do. */
  readonly faults: string[] = [];
  /** How long instances took to end after SIGTERM. */
  readonly stopsMs: number[] = [];
  /** Summary of their logs. */
  readonly instanceLogs = new InstanceLogs();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#slots = options.proxies.map((_, index) => ({
      index,
      instance: null,
      expectedEnd: null,
      isFrozen: false,
      failedStarts: 0,
    }));
  }

  get size(): number {
    return this.#slots.length;
  }

  get proxies(): readonly TcpProxy[] {
    return this.#options.proxies;
  }

  /** Starts all, and waits until each takes tasks. */
  async start(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#launch(slot)));
  }

  pidOf(slot: number): number | null {
    return this.#slots[slot]?.instance?.pid ?? null;
  }

  /** `instances.id` of the instance that takes tasks in a slot. */
  idOf(slot: number): string | null {
    return this.#slots[slot]?.instance?.id() ?? null;
  }

  /** The given slot, or the next one from `first` on with a running instance. */
  living(slot: number, first: number): number {
    const others = this.#slots.filter(({ index, instance }) => index >= first && instance?.id() != null);
    return (others.find(({ index }) => index >= slot) ?? others[0])?.index ?? slot;
  }

  /** Processes of the running instances, by `instances.id` if it is known. */
  running(): { readonly pid: number; readonly id: string | null }[] {
    return this.#slots.flatMap(({ instance }) =>
      instance === null ? [] : [{ pid: instance.pid, id: instance.id() }],
    );
  }

  engineOf(taskId: string): RunningEngine | null {
    return this.#engines.get(taskId) ?? null;
  }

  proxy(slot: number): TcpProxy {
    const proxy = this.#options.proxies[slot];
    if (proxy === undefined) throw new Error(`no slot ${slot}`);
    return proxy;
  }

  /** kill -9. @returns false when no instance runs */
  kill(slot: number): boolean {
    const slotState = this.#slots[slot];
    if (slotState?.instance == null) return false;
    slotState.expectedEnd ??= 'killed';
    slotState.instance.signal('SIGKILL');
    return true;
  }

  /** @returns how to go on; null when no instance runs */
  freeze(slot: number): (() => void) | null {
    const slotState = this.#slots[slot];
    const instance = slotState?.instance;
    if (slotState === undefined || instance == null) return null;
    instance.signal('SIGSTOP');
    slotState.isFrozen = true;
    return () => {
      instance.signal('SIGCONT');
      slotState.isFrozen = false;
    };
  }

  /**
   * SIGTERM, as at a deploy. Returns when the instance has ended.
   * @returns false when no instance runs
   */
  async restart(slot: number): Promise<boolean> {
    const slotState = this.#slots[slot];
    if (slotState?.instance == null || slotState.expectedEnd !== null) return false;
    await this.#stop(slotState, slotState.instance);
    return true;
  }

  /** An instance that is not part of the fleet. The caller must also end it. */
  startExtra(main: string, env: Readonly<Record<string, string>>): Instance {
    const slot = this.#slots.length;
    const extra = this.#startOne(main, env, slot, () => undefined);
    this.#extras.add(extra);
    void extra.ended.then(({ signal }) => {
      this.#extras.delete(extra);
      const kind = signal === 'SIGKILL' ? 'killed by its task' : 'stopped';
      this.ends.push({ atMs: Date.now(), slot, instanceId: extra.id(), kind });
    });
    return extra;
  }

  /** Ends all instances. None is started again. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      this.#slots.map(async (slot) => {
        if (slot.instance === null) return;
        slot.instance.signal('SIGCONT');
        await this.#stop(slot, slot.instance);
      }),
    );
  }

  /** Kills all instances at once, when a soak is stopped early. */
  async kill9All(): Promise<void> {
    this.#isClosing = true;
    const slots = this.#slots.filter(({ instance }) => instance !== null);
    for (const slot of slots) this.kill(slot.index);
    for (const extra of this.#extras) extra.signal('SIGKILL');
    await Promise.all([
      ...slots.map(({ instance }) => instance?.ended),
      ...[...this.#extras].map((g) => g.ended),
    ]);
  }

  async #stop(slot: Slot, instance: Instance): Promise<void> {
    slot.expectedEnd = 'stopped';
    let wasFrozen = slot.isFrozen;
    const startedMs = performance.now();
    instance.signal('SIGTERM');
    const watch = setInterval(() => {
      wasFrozen ||= slot.isFrozen;
    }, 100);
    const timer = setTimeout(() => {
      slot.expectedEnd = 'killed';
      instance.signal('SIGKILL');
    }, STOP_LIMIT_MS);
    await instance.ended;
    clearTimeout(timer);
    clearInterval(watch);
    const tookMs = performance.now() - startedMs;
    this.stopsMs.push(tookMs);
    const limitMs = stopLimitMs(this.#options.graceSec);
    if (tookMs > limitMs && !wasFrozen)
      this.faults.push(
        `instance ${slot.index} (pid ${instance.pid}) ran on for ${(tookMs / 1000).toFixed(1)} s after SIGTERM; ` +
          `expected ${(limitMs / 1000).toFixed(1)} s at most`,
      );
  }

  /** @returns when the instance takes tasks, or has ended */
  #launch(slot: Slot): Promise<void> {
    const { main, envOf, say } = this.#options;
    return new Promise((resolve) => {
      const startLimit = setTimeout(() => {
        this.faults.push(
          `instance ${slot.index} (pid ${instance.pid}) had not started after ${START_LIMIT_MS / 1000} s`,
        );
        slot.expectedEnd = 'killed';
        instance.signal('SIGKILL');
      }, START_LIMIT_MS);
      const started = () => {
        clearTimeout(startLimit);
        resolve();
      };
      const instance = this.#startOne(main, envOf(slot.index), slot.index, started);
      slot.instance = instance;
      slot.expectedEnd = null;
      void instance.ended.then(({ code, signal, lastOutput }) => {
        started();
        // An instance that was told to stop may still be killed meanwhile.
        const expectedEnd =
          slot.expectedEnd === 'stopped' && signal === 'SIGKILL' ? 'killed' : slot.expectedEnd;
        const kind = expectedEnd ?? guessEnd(instance.id(), signal, lastOutput);
        this.ends.push({ atMs: Date.now(), slot: slot.index, instanceId: instance.id(), kind });
        slot.instance = null;
        // An instance that did not listen for signals yet is ended by the signal.
        const isStopped = kind === 'stopped' && (code === 0 || instance.id() === null);
        if (kind === 'by itself' || (kind === 'stopped' && !isStopped)) {
          const how = signal ?? `code ${code}`;
          this.faults.push(
            `instance ${slot.index} (pid ${instance.pid}) ended ${kind} with ${how}: ${findReason(lastOutput)}`,
          );
        }
        if (kind === 'killed by its task') say(`instance ${slot.index} was killed by a task`);
        slot.failedStarts = instance.id() === null ? slot.failedStarts + 1 : 0;
        const pauseMs = Math.min(RESTART_PAUSE_MAX_MS, RESTART_PAUSE_MS * 2 ** slot.failedStarts);
        if (!this.#isClosing) setTimeout(() => this.#isClosing || void this.#launch(slot), pauseMs);
      });
    });
  }

  #startOne(
    main: string,
    env: Readonly<Record<string, string>>,
    slot: number,
    started: () => void,
  ): Instance {
    const { dir, logsDir } = this.#options;
    const instance = startInstance(main, env, {
      dir,
      logPath: path.join(logsDir, `instance-${slot}.log`),
      onEvent: (event) => {
        if (event.event === 'worker.started') started();
        this.#note(slot, event);
      },
    });
    this.pids.add(instance.pid);
    void instance.ended.then(() => this.pids.delete(instance.pid));
    return instance;
  }

  #note(slot: number, event: InstanceEvent): void {
    this.instanceLogs.add(event);
    const taskId = event['taskId'];
    if (event.event === 'engine.started' && typeof taskId === 'string')
      this.#engines.set(taskId, { pid: Number(event['pid']), slot });
  }
}

/** For an instance that the soak did not touch. A task of the behaviour `poison` kills the process that runs it. */
function guessEnd(id: string | null, signal: NodeJS.Signals | null, lastOutput: string): EndKind {
  if (signal === 'SIGKILL') return 'killed by its task';
  // Without a database or free disk space an instance cannot start. It says so and is started again.
  return id === null && START_FAULT.test(findReason(lastOutput)) ? 'did not start' : 'by itself';
}

const START_FAULT =
  /database|connect|ECONN|too many clients|recovery|starting up|shutting down|terminat|timeout|ENOSPC|no space/i;
