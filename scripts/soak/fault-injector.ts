import type { Violation } from './audit/final-rows.ts';
import { FAULTS, type Fault, type FaultName } from './faults/catalogue.ts';
import type { Choice, Target } from './faults/fault.ts';
import { Random } from './random.ts';
import { pause } from './waiting.ts';

/** A fault with its time, as planned before the soak begins. */
export interface PlannedFault {
  readonly atSec: number;
  readonly fault: Fault;
  readonly choice: Choice;
}

/** Times when something was disturbed, so that measurements of these times can be separated. */
export interface Disturbance {
  readonly fromMs: number;
  readonly toMs: number;
  /** Null: all instances. */
  readonly slot: number | null;
}

/** In a short soak, each kind of fault happens this number of times. */
const LEAST_TIMES = 1.2;

export interface PlanOptions {
  readonly seed: number;
  readonly durationSec: number;
  readonly faults: readonly FaultName[];
  /** How many times as often as usual. */
  readonly pace: number;
  readonly instanceCount: number;
}

/** Plans all faults and their times. Only the seed decides. */
export function makePlan({ seed, durationSec, faults, pace, instanceCount }: PlanOptions): PlannedFault[] {
  const random = new Random(seed);
  const plan: PlannedFault[] = [];
  for (const fault of FAULTS) {
    const everySec = Math.min(fault.everySec / pace, durationSec / LEAST_TIMES);
    // Random numbers are drawn for every kind, also for kinds that are left out. So leaving one out does not change the
    // others.
    for (
      let atSec = everySec * random.share();
      atSec < durationSec;
      atSec += everySec * random.between(0.5, 1.5)
    ) {
      const choice: Choice = {
        slot: random.integer(0, instanceCount - 1),
        // The first instance is not ended, so that one process runs through the whole soak.
        killableSlot: instanceCount === 1 ? 0 : random.integer(1, instanceCount - 1),
        strength: random.share(),
        coin: random.chance(0.5),
      };
      if (faults.includes(fault.name)) plan.push({ atSec, fault, choice });
    }
  }
  return plan.sort((a, b) => a.atSec - b.atSec);
}

type GivenTarget = Omit<Target, 'say' | 'signal' | 'disturbed' | 'find'>;

/** Carries out the plan, several faults at once if their times overlap. */
export class FaultInjector {
  readonly #plan: readonly PlannedFault[];
  readonly #target: GivenTarget;
  readonly #say: (line: string) => void;
  readonly counts = new Map<FaultName, number>();
  readonly disturbances: Disturbance[] = [];
  readonly findings: Violation[] = [];

  constructor(plan: readonly PlannedFault[], target: GivenTarget, say: (line: string) => void) {
    this.#plan = plan;
    this.#target = target;
    this.#say = say;
  }

  get count(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Returns when everything is as before, except for killed processes. */
  async run(signal: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const underWay: Promise<void>[] = [];
    for (const { atSec, fault, choice } of this.#plan) {
      await pause(Math.max(0, atSec * 1000 - (performance.now() - startedMs)), signal);
      if (signal.aborted) break;
      const doing = this.#inject(fault, choice, signal);
      // A failure of one fault is reported after all others have ended.
      doing.catch(() => undefined);
      underWay.push(doing);
    }
    // Each undoes its work, even if another one cannot.
    const failed = (await Promise.allSettled(underWay)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  async #inject(fault: Fault, choice: Choice, signal: AbortSignal): Promise<void> {
    const fromMs = performance.now();
    const slots: (number | null)[] = [];
    const target: Target = {
      ...this.#target,
      signal,
      say: this.#say,
      disturbed: (slot) => slots.push(slot),
      find: (violation) => this.findings.push(violation),
    };
    const done = await fault.inject(target, choice);
    if (done > 0) this.counts.set(fault.name, (this.counts.get(fault.name) ?? 0) + done);
    for (const slot of slots) this.disturbances.push({ fromMs, toMs: performance.now(), slot });
  }
}
