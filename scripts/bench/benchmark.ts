import type { BenchServer } from './server.ts';

/** One measurement, with what it is compared to. A ratio says more than a time: it holds on other machines, too. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: Unit;
  /** Another program that does the same job, or the least that can be done, measured in the same run. */
  readonly beside?: { readonly name: string; readonly value: number };
  readonly goal?: Goal;
}

/** `share` is printed in percent. */
export type Unit = 'ms' | 's' | 'kB' | 'MB' | 'share' | '1/s' | 'count';

export type Goal =
  | { readonly ratioAtMost: number }
  | { readonly atMost: number }
  | { readonly atLeast: number };

export interface Findings {
  readonly figures: readonly Figure[];
  /** Lines that explain the figures: breakdowns, statements, command lines. */
  readonly notes: readonly string[];
}

export interface BenchContext {
  /** Started at the first call. */
  readonly server: () => Promise<BenchServer>;
  /** An empty folder for this run of the benchmark, removed afterwards. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** How long to measure, for benchmarks that can be longer; null: their default. */
  readonly minutes: number | null;
  /** How many tasks, in the same way. */
  readonly count: number | null;
}

export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  /** It takes so long that it runs only if it is named. */
  readonly isLong?: boolean;
  readonly run: (context: BenchContext) => Promise<Findings>;
}

export function ratioOf({ value, beside }: Figure): number | null {
  return beside === undefined || beside.value === 0 ? null : value / beside.value;
}

/** @returns null if it has no goal */
export function isGoalMet(figure: Figure): boolean | null {
  const { goal, value } = figure;
  if (goal === undefined) return null;
  if ('ratioAtMost' in goal) return (ratioOf(figure) ?? Number.POSITIVE_INFINITY) <= goal.ratioAtMost;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}
