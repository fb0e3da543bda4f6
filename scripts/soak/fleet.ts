import path from 'node:path';
import { type EndKind, type Instance, type InstanceEvent, startInstance } from './instance.ts';
import type { Wire } from './wire.ts';

export interface FleetOptions {
  /** Program of an instance. */
  readonly main: string;
  readonly wires: readonly Wire[];
  /** Environment of the instance in a slot of the fleet. */
  readonly envOf: (slot: number) => Readonly<Record<string, string>>;
  readonly logsDir: string;
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
  /** What we did to the instance that is running, if it was the end of it. */
  doom: EndKind | null;
}

const RESTART_PAUSE_MS = 300;
const START_LIMIT_MS = 60_000;
/** Longer than a worker that has to wait for a silent connection. */
const STOP_LIMIT_MS = 90_000;

/** The worker processes. One that ends is started again, as systemd would; one that ends by itself is a fault. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #slots: readonly Slot[];
  readonly #engines = new Map<string, RunningEngine>();
  #isClosing = false;
  readonly ends: Ended[] = [];
  /** Of all processes that ever were. */
  readonly pids: number[] = [];
  /** What no instance should ever do. */
  readonly faults: string[] = [];
  /** How long instances took to end after SIGTERM. */
  readonly stopsMs: number[] = [];
  readonly eventCounts = new Map<string, number>();

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#slots = options.wires.map((_, index) => ({ index, instance: null, doom: null }));
  }

  get size(): number {
    return this.#slots.length;
  }

  /** Starts all, and waits until each takes tasks. */
  async start(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#launch(slot)));
  }

  pidOf(slot: number): number | null {
    return this.#slots[slot]?.instance?.pid ?? null;
  }

  /** `instances.id` of the one that takes tasks there. */
  idOf(slot: number): string | null {
    return this.#slots[slot]?.instance?.id() ?? null;
  }

  /** The slot, or the next one from `first` on that has an instance at work. */
  living(slot: number, first: number): number {
    const others = this.#slots.filter(({ index, instance }) => index >= first && instance?.id() != null);
    return (others.find(({ index }) => index >= slot) ?? others[0])?.index ?? slot;
  }

  /** Processes of instances that run now, by `instances.id` where it is known. */
  running(): { readonly pid: number; readonly id: string | null }[] {
    return this.#slots.flatMap(({ instance }) =>
      instance === null ? [] : [{ pid: instance.pid, id: instance.id() }],
    );
  }

  engineOf(taskId: string): RunningEngine | null {
    return this.#engines.get(taskId) ?? null;
  }

  wire(slot: number): Wire {
    const wire = this.#options.wires[slot];
    if (wire === undefined) throw new Error(`no slot ${slot}`);
    return wire;
  }

  /** kill -9. @returns false when there is nobody */
  kill(slot: number): boolean {
    const place = this.#slots[slot];
    if (place?.instance == null) return false;
    place.doom ??= 'killed';
    place.instance.signal('SIGKILL');
    return true;
  }

  /** @returns how to go on; null when there is nobody */
  freeze(slot: number): (() => void) | null {
    const instance = this.#slots[slot]?.instance;
    if (instance == null) return null;
    instance.signal('SIGSTOP');
    return () => instance.signal('SIGCONT');
  }

  /** SIGTERM, as at a deploy; returns when the instance has ended. @returns false when there is nobody */
  async restart(slot: number): Promise<boolean> {
    const place = this.#slots[slot];
    if (place?.instance == null || place.doom !== null) return false;
    await this.#stop(place, place.instance);
    return true;
  }

  /** Ends all, for good. */
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

  /** Ends all at once: for a soak that is broken off. */
  async kill9All(): Promise<void> {
    this.#isClosing = true;
    const slots = this.#slots.filter(({ instance }) => instance !== null);
    for (const slot of slots) this.kill(slot.index);
    await Promise.all(slots.map(({ instance }) => instance?.ended));
  }

  async #stop(slot: Slot, instance: Instance): Promise<void> {
    slot.doom = 'stopped';
    const startedMs = performance.now();
    instance.signal('SIGTERM');
    const timer = setTimeout(() => {
      this.faults.push(
        `instance ${slot.index} (pid ${instance.pid}) ran on for ${STOP_LIMIT_MS / 1000} s after SIGTERM`,
      );
      slot.doom = 'killed';
      instance.signal('SIGKILL');
    }, STOP_LIMIT_MS);
    await instance.ended;
    clearTimeout(timer);
    this.stopsMs.push(performance.now() - startedMs);
  }

  /** @returns when the instance takes tasks, or has ended */
  #launch(slot: Slot): Promise<void> {
    const { main, envOf, logsDir, say } = this.#options;
    return new Promise((resolve) => {
      const startLimit = setTimeout(() => {
        this.faults.push(
          `instance ${slot.index} (pid ${instance.pid}) had not started after ${START_LIMIT_MS / 1000} s`,
        );
        slot.doom = 'killed';
        instance.signal('SIGKILL');
      }, START_LIMIT_MS);
      const started = () => {
        clearTimeout(startLimit);
        resolve();
      };
      const instance = startInstance(main, envOf(slot.index), {
        logPath: path.join(logsDir, `instance-${slot.index}.log`),
        onEvent: (event) => {
          if (event.event === 'worker started') started();
          this.#note(slot.index, event);
        },
      });
      slot.instance = instance;
      this.pids.push(instance.pid);
      slot.doom = null;
      void instance.ended.then(({ code, signal, lastWords }) => {
        started();
        const kind = slot.doom ?? guessEnd(instance.id(), signal);
        this.ends.push({ atMs: Date.now(), slot: slot.index, instanceId: instance.id(), kind });
        slot.instance = null;
        // One that had not begun to listen for signals just goes.
        const isStopped =
          kind === 'stopped' && (code === 0 || instance.id() === null || signal === 'SIGKILL');
        if (kind === 'by itself' || (kind === 'stopped' && !isStopped)) {
          const how = signal ?? `code ${code}`;
          this.faults.push(
            `instance ${slot.index} (pid ${instance.pid}) ended ${kind} with ${how}: ${lastWords}`,
          );
        }
        if (kind === 'killed by its task') say(`instance ${slot.index} was killed by a task`);
        if (!this.#isClosing) setTimeout(() => this.#isClosing || void this.#launch(slot), RESTART_PAUSE_MS);
      });
    });
  }

  #note(slot: number, event: InstanceEvent): void {
    this.eventCounts.set(event.event, (this.eventCounts.get(event.event) ?? 0) + 1);
    const taskId = event['taskId'];
    if (event.event === 'engine started' && typeof taskId === 'string')
      this.#engines.set(taskId, { pid: Number(event['pid']), slot });
  }
}

/** Of one that we did nothing to. A task of the worst temper kills the process that runs it. */
function guessEnd(id: string | null, signal: NodeJS.Signals | null): EndKind {
  if (signal === 'SIGKILL') return 'killed by its task';
  // Without a database there is nothing to start for: it says so and is started again.
  return id === null ? 'did not start' : 'by itself';
}
