import { Gauge, type Registry } from 'prom-client';
import { programVersion } from '../base/version.ts';

/** The state of an instance at the moment of a scrape. */
export interface InstanceState {
  readonly slots: number;
  readonly busy: number;
  readonly isPaused: boolean;
  /** Engines that are set up, and whether they can be given tasks. */
  readonly engines: ReadonlyMap<string, boolean>;
  readonly freeBytes: ReadonlyMap<string, number>;
}

/** Metrics of one instance and its machine. */
export class InstanceMetrics {
  readonly #slots: Gauge<'state'>;
  readonly #engines: Gauge<'engine'>;
  readonly #disk: Gauge<'folder'>;

  constructor(registry: Registry) {
    const registers = [registry];
    new Gauge({
      name: 'autophon_build_info',
      help: 'Always 1; the labels say what runs',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version: programVersion(), node: process.versions.node }, 1);
    this.#slots = new Gauge({
      name: 'autophon_slots',
      help: 'Slots of this worker: those that run a task, wait for one, or take none because the worker has paused',
      labelNames: ['state'],
      registers,
    });
    this.#engines = new Gauge({
      name: 'autophon_engine_up',
      help: 'Whether an engine that is set up here can be given tasks; 0 also while its first check runs',
      labelNames: ['engine'],
      registers,
    });
    this.#disk = new Gauge({
      name: 'autophon_disk_free_bytes',
      help: 'Free space on the disk of a folder; left out while the disk does not answer',
      labelNames: ['folder'],
      registers,
    });
  }

  show({ slots, busy, isPaused, engines, freeBytes }: InstanceState): void {
    // Attempts that only wait for their rows do not occupy slots.
    const idle = Math.max(0, slots - busy);
    this.#slots.set({ state: 'busy' }, slots - idle);
    this.#slots.set({ state: 'idle' }, isPaused ? 0 : idle);
    this.#slots.set({ state: 'paused' }, isPaused ? idle : 0);
    this.#engines.reset();
    for (const [engine, isUp] of engines) this.#engines.set({ engine }, isUp ? 1 : 0);
    this.#disk.reset();
    for (const [folder, bytes] of freeBytes) this.#disk.set({ folder }, bytes);
  }
}
