import { FAULTS, type Fault, type FaultName, type Strike, type Target } from './faults.ts';
import { Random } from './random.ts';
import { pause } from './waiting.ts';

/** One deed of the demon, as planned before it begins. */
export interface Deed {
  readonly atSec: number;
  readonly fault: Fault;
  readonly strike: Strike;
}

/** When something was not as it should be, so that what was measured meanwhile can be told apart. */
export interface Disturbance {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null: all instances. */
  readonly slot: number | null;
}

/** A short soak gets each kind of fault this often. */
const LEAST_TIMES = 1.2;

export interface PlanOptions {
  readonly seed: number;
  readonly durationSec: number;
  readonly faults: readonly FaultName[];
  /** How many times as often as usual. */
  readonly pace: number;
  readonly instanceCount: number;
}

/** What is done when: decided by the seed alone. */
export function makePlan({ seed, durationSec, faults, pace, instanceCount }: PlanOptions): Deed[] {
  const random = new Random(seed);
  const deeds: Deed[] = [];
  for (const fault of FAULTS) {
    const everySec = Math.min(fault.everySec / pace, durationSec / LEAST_TIMES);
    // Drawn for each kind, wanted or not, so that leaving one out does not move the others.
    for (
      let atSec = everySec * random.share();
      atSec < durationSec;
      atSec += everySec * random.between(0.5, 1.5)
    ) {
      const strike: Strike = {
        slot: random.integer(0, instanceCount - 1),
        // The first instance is spared the end, so that one process lives through the whole soak.
        mortalSlot: instanceCount === 1 ? 0 : random.integer(1, instanceCount - 1),
        strength: random.share(),
        coin: random.chance(0.5),
      };
      if (faults.includes(fault.name)) deeds.push({ atSec, fault, strike });
    }
  }
  return deeds.sort((a, b) => a.atSec - b.atSec);
}

/** Does what was planned, several things at once where they fall together. */
export class Demon {
  readonly #plan: readonly Deed[];
  readonly #target: Omit<Target, 'say' | 'signal' | 'disturbed'>;
  readonly #say: (line: string) => void;
  readonly counts = new Map<FaultName, number>();
  readonly disturbances: Disturbance[] = [];

  constructor(
    plan: readonly Deed[],
    target: Omit<Target, 'say' | 'signal' | 'disturbed'>,
    say: (line: string) => void,
  ) {
    this.#plan = plan;
    this.#target = target;
    this.#say = say;
  }

  /** Returns when all is as it was before, but for what was killed. */
  async run(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const underWay: Promise<void>[] = [];
    for (const { atSec, fault, strike } of this.#plan) {
      await pause(atSec * 1000 - (performance.now() - startedMs), signal);
      if (signal.aborted) break;
      underWay.push(this.#do(fault, strike, signal));
    }
    await Promise.all(underWay);
  }

  async #do(fault: Fault, strike: Strike, signal: AbortSignal): Promise<void> {
    const fromMs = performance.now();
    const slots: (number | null)[] = [];
    const done = await fault.strike(
      { ...this.#target, signal, say: this.#say, disturbed: (slot) => slots.push(slot) },
      strike,
    );
    if (done > 0) this.counts.set(fault.name, (this.counts.get(fault.name) ?? 0) + done);
    for (const slot of slots) this.disturbances.push({ fromMs, toMs: performance.now(), slot });
  }
}
