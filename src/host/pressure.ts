import { statfs } from 'node:fs/promises';
import { formatBytes } from '../base/bytes.ts';
import type { Log } from '../base/log.ts';
import { readFreeMemory } from './free-memory.ts';

export interface PressureOptions {
  /** Below it, on any of `dirs`, no new task is claimed. 0: no limit. */
  readonly minFreeDiskBytes: number;
  readonly minFreeMemoryBytes: number;
  /** Folders that tasks fill, by the name of their setting. */
  readonly dirs: Readonly<Record<string, string>>;
  /** Another reason to claim nothing; null: there is none. It throws if this is not known. */
  readonly findFault?: () => Promise<string | null>;
  readonly log: Log;
}

const LOOK_INTERVAL_MS = 1_000;
/** The timer keeps the answer fresh, so that a claim seldom has to wait for the disk. */
const FRESH_MS = 2 * LOOK_INTERVAL_MS;
/** Claiming resumes only a little above the limit: otherwise each task would switch the state. */
const SPARE_SHARE = 0.05;

/**
 * Keeps an instance from starting tasks: while disk or memory is short, it claims nothing. Tasks that run go on; the
 * queue keeps the others.
 */
export class Pressure {
  readonly #options: PressureOptions;
  #reason: string | null = null;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #looking: Promise<void> | null = null;
  /** Called when claiming stops and when it begins again, however that was noticed. */
  #onChange: () => void = () => undefined;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: PressureOptions) {
    this.#options = options;
  }

  /** Why nothing is claimed now, as last seen; null: tasks are claimed. */
  get reason(): string | null {
    return this.#reason;
  }

  /** Checks at intervals, so that the row of an idle instance is up to date. */
  start(onChange: () => void): void {
    this.#onChange = onChange;
    this.#timer ??= setInterval(() => void this.look(), LOOK_INTERVAL_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** @returns `reason`, brought up to date */
  async look(): Promise<string | null> {
    if (performance.now() - this.#lookedAtMs > FRESH_MS) {
      this.#looking ??= this.#measure().finally(() => {
        this.#looking = null;
      });
      await this.#looking;
    }
    return this.#reason;
  }

  async #measure(): Promise<void> {
    const { log } = this.#options;
    const shortages = await this.#findShortages(this.#reason === null ? 1 : 1 + SPARE_SHARE);
    this.#lookedAtMs = performance.now();
    const before = this.#reason;
    this.#reason = shortages.length === 0 ? null : shortages.join('; ');
    if (before === null && this.#reason !== null) {
      log.warn('claims.paused', { why: this.#reason });
    } else if (before !== null && this.#reason === null) log.info('claims.resumed');
    if ((before === null) !== (this.#reason === null)) this.#onChange();
  }

  async #findShortages(factor: number): Promise<string[]> {
    const { minFreeDiskBytes, minFreeMemoryBytes, dirs } = this.#options;
    const shortages: string[] = [];
    for (const [name, dir] of Object.entries(minFreeDiskBytes === 0 ? {} : dirs)) {
      // A folder that cannot be checked is reported by the task that needs it.
      const found = await statfs(dir).catch(() => null);
      const freeBytes = found === null ? null : found.bavail * found.bsize;
      if (freeBytes !== null && freeBytes < minFreeDiskBytes * factor)
        shortages.push(describe(`disk of ${name}`, freeBytes, 'MIN_FREE_DISK', minFreeDiskBytes));
    }
    const freeBytes = minFreeMemoryBytes === 0 ? null : await readFreeMemory();
    if (freeBytes !== null && freeBytes < minFreeMemoryBytes * factor)
      shortages.push(describe('memory', freeBytes, 'MIN_FREE_MEMORY', minFreeMemoryBytes));
    // While the database is away, nothing can be claimed anyway.
    const fault = await this.#options.findFault?.().catch(() => null);
    if (fault !== null && fault !== undefined) shortages.push(fault);
    return shortages;
  }
}

function describe(what: string, freeBytes: number, setting: string, floorBytes: number): string {
  return `${what}: ${formatBytes(freeBytes)} free, ${setting} is ${formatBytes(floorBytes)}`;
}
